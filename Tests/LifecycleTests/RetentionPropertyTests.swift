import Foundation
import SetModel
import Testing

@testable import Lifecycle

/// What has to hold for every history of sets and every policy.
struct RetentionPropertyTests {
    /// `make soak` asks for all of them.
    static let rounds = ProcessInfo.processInfo.environment["STILLPOINT_SOAK"] == "1" ? 20_000 : 1000

    @Test("never another policy's, never a held one, never an unfinished one")
    func untouchable() {
        for seed in 0..<Self.rounds {
            let history = RetentionHistory(seed: seed)
            let plan = history.plan
            #expect(Set(plan.decisions.map(\.set.id)) == Set(history.sets.map(\.id)), "seed \(seed)")
            #expect(plan.decisions.count == history.sets.count, "seed \(seed)")
            for decision in plan.decisions {
                let (set, action) = (decision.set, decision.action)
                #expect((action == .notOurs) == (set.policy != "p"), "seed \(seed): \(set)")
                #expect((action == .trash) == (decision.purgeAt != nil), "seed \(seed): \(set)")
                guard ![.keep, .notOurs].contains(action) else { continue }
                #expect(set.holds.allSatisfy { $0.until ?? .distantFuture <= history.now }, "seed \(seed): \(set)")
                #expect(set.state == .complete || set.state == .degraded || action == .purge, "seed \(seed): \(set)")
                #expect((action == .purge) == (set.purgeAt != nil), "seed \(seed): \(set)")
            }
        }
    }

    @Test("never the last complete one, but for extendDeletion")
    func last() {
        for seed in 0..<Self.rounds {
            let history = RetentionHistory(seed: seed, size: 0...6)
            let gone = history.plan.gone
            let whole = history.sets.filter { $0.policy == "p" && $0.state == .complete && $0.purgeAt == nil }
            for orphaned in [false, true] where !(orphaned && history.policies[0].extendDeletion) {
                let some = Set(whole.filter { $0.volumesGone == orphaned }.map(\.id))
                #expect(some.isEmpty || !some.isSubset(of: gone), "seed \(seed)")
            }
        }
    }

    @Test("never the last complete one of a volume, whether it is there or not, but for extendDeletion")
    func lastOfVolume() {
        for seed in 0..<Self.rounds {
            let history = RetentionHistory(seed: seed)
            let plan = history.plan
            let whole = history.sets.filter { $0.policy == "p" && $0.state == .complete && $0.purgeAt == nil }
            for (volume, newest) in newestOfVolumes(whole, history.policies[0]) {
                let holders = Set(whole.filter { $0.origins.contains { $0.id == volume } }.map(\.id))
                #expect(!holders.isSubset(of: plan.gone), "seed \(seed): \(volume)")
                #expect(!plan.gone.contains(newest), "seed \(seed): \(volume)")
            }
            // Of what goes, each volume has a newer one that stays.
            guard !history.policies[0].extendDeletion else { continue }
            for decision in plan.leaving where decision.action != .purge && decision.set.state == .complete {
                for origin in decision.set.origins {
                    let ids = plan.holders[decision.set.id]?[origin.id] ?? []
                    let newer = whole.filter { ids.contains($0.id) && RetainedSet.isNewer($0, decision.set) }
                    #expect(newer.contains { $0.origins.contains(origin) }, "seed \(seed): \(decision.set)")
                    #expect(ids.isSubset(of: plan.kept), "seed \(seed)")
                }
            }
        }
    }

    /// By volume the id of the newest set that has it, of those of which one has to stay.
    private func newestOfVolumes(_ whole: [RetainedSet], _ policy: RetentionPolicy) -> [String: String] {
        var newest: [String: RetainedSet] = [:]
        for set in whole {
            for origin in set.origins where !(origin.isGone && policy.extendDeletion) {
                if let known = newest[origin.id], RetainedSet.isNewer(known, set) { continue }
                newest[origin.id] = set
            }
        }
        return newest.mapValues(\.id)
    }

    @Test("of complete sets exactly those are kept that a rule promises, an expiry, or the last")
    func promises() {
        for seed in 0..<Self.rounds {
            var history = RetentionHistory(seed: seed)
            history.policies[0].isEnabled = true
            history.policies[0].pauseAfterFailures = nil
            let (policy, now) = (history.policies[0], history.now)
            let candidates = history.sets.filter {
                $0.policy == "p" && $0.state == .complete && $0.purgeAt == nil && !$0.volumesGone
            }
            var expected = Set(candidates.filter { $0.holds.contains { $0.until ?? .distantFuture > now } }.map(\.id))
            if let newest = candidates.max(by: { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }) {
                expected.insert(newest.id)
            }
            let whole = history.sets.filter { $0.policy == "p" && $0.state == .complete && $0.purgeAt == nil }
            expected.formUnion(newestOfVolumes(whole, policy).values)
            for schedule in policy.schedules {
                let made = candidates.filter { $0.schedules.contains(schedule.id) }
                expected.formUnion(promised(made, schedule, policy, now))
            }
            let living = Set(policy.schedules.map(\.id))
            let judged = candidates.filter { !$0.schedules.isEmpty && $0.schedules.isSubset(of: living) }.map(\.id)
            #expect(history.plan.kept.intersection(judged) == expected.intersection(judged), "seed \(seed)")
        }
    }

    /// An age counts from today's rule, or was settled when the set was made.
    private func promised(
        _ sets: [RetainedSet], _ schedule: RetentionSchedule, _ policy: RetentionPolicy, _ now: Date
    ) -> Set<String> {
        guard policy.recompute == .new, let age = schedule.rule.age else {
            let settled = policy.recompute == .new ? sets.filter { $0.expiresAt ?? now > now } : []
            return RetentionOracle.promised(sets, schedule, now: now).union(settled.map(\.id))
        }
        let ageless = try? RetainRule(
            count: schedule.rule.count ?? 1, slots: schedule.rule.slots, keepLast: schedule.rule.keepLast)
        guard let ageless else { return [] }
        let ranked = RetentionOracle.promised(
            sets, RetentionSchedule(id: "s", rule: ageless, timeZone: schedule.timeZone), now: now)
        let young = sets.filter {
            $0.expiresAt ?? RetentionOracle.end(of: age, from: $0.createdAt, schedule.timeZone) > now
        }
        return ranked.union(young.map(\.id))
    }

    /// But of a set whose volumes, or one of whose schedules, are gone only an age can say that it goes: the first one may.
    @Test("a greater limit, or one more part, never deletes more")
    func monotone() throws {
        for seed in 0..<Self.rounds {
            var history = RetentionHistory(seed: seed)
            let before = history.plan
            let index = Int.random(in: history.policies[0].schedules.indices, using: &history.numbers)
            let rule = history.policies[0].schedules[index].rule
            var (count, age, slots, last) = (rule.count, rule.age, rule.slots, rule.keepLast)
            switch Int.random(in: 0...3, using: &history.numbers) {
            case 0: count = (count ?? 0) + Int.random(in: 1...5, using: &history.numbers)
            case 1: age = age.flatMap { RetainAge($0.value + 1, $0.unit) } ?? history.age()
            case 2: slots[history.numbers.one(of: RetainSlot.allCases), default: 0] += 1
            default: last += Int.random(in: 1...3, using: &history.numbers)
            }
            history.policies[0].schedules[index].rule = try RetainRule(
                count: count, age: age, slots: slots, keepLast: last)
            let living = Set(history.policies[0].schedules.map(\.id))
            let excepted = history.sets.filter {
                rule.age == nil && ($0.volumesGone || !$0.schedules.isSubset(of: living))
            }.map(\.id)
            #expect(history.plan.gone.subtracting(excepted).isSubset(of: before.gone), "seed \(seed)")
        }
    }

    @Test("done once, nothing is left to do")
    func idempotent() {
        for seed in 0..<Self.rounds {
            var history = RetentionHistory(seed: seed)
            history.sets = history.plan.outcome
            #expect(history.plan.gone.isEmpty, "seed \(seed)")
        }
    }

    @Test("the order of sets and schedules' memberships does not matter")
    func shuffled() {
        for seed in 0..<Self.rounds {
            var history = RetentionHistory(seed: seed)
            let before = history.plan
            history.sets.shuffle(using: &history.numbers)
            #expect(history.plan == before, "seed \(seed)")
            history.policies[0].schedules.shuffle(using: &history.numbers)
            #expect(history.plan.gone == before.gone, "seed \(seed)")
        }
    }

    @Test("two policies at once are decided as each alone")
    func independent() {
        for seed in 0..<Self.rounds {
            let history = RetentionHistory(seed: seed)
            let both = RetentionPlan(sets: history.sets, policies: history.policies + [.byHand], now: history.now)
            #expect(!both.decisions.contains { $0.action == .notOurs }, "seed \(seed)")
            let own = { (plan: RetentionPlan) in plan.decisions.filter { $0.set.policy == "p" } }
            #expect(own(both) == own(history.plan), "seed \(seed)")
        }
    }

    @Test("pool pressure only ever adds, within the floors, and no more than it needs")
    func pressure() {
        for seed in 0..<Self.rounds {
            var history = RetentionHistory(seed: seed)
            let calm = history.plan
            for index in history.sets.indices {
                let bytes = history.numbers.chance(90) ? UInt64.random(in: 0...9, using: &history.numbers) : nil
                history.sets[index].shares = [PoolShare(pool: "a", exclusiveBytes: bytes)]
            }
            history.policies[0].poolPressure = 80
            let percent = Double.random(in: 70...100, using: &history.numbers)
            let pools = [PoolUsage(name: "a", sizeBytes: 100, dataPercent: percent)]
            let plan = RetentionPlan(
                sets: history.sets, policies: [history.policies[0]], pools: pools, now: history.now)
            #expect(calm.gone.isSubset(of: plan.gone), "seed \(seed)")
            let protected = [
                "held", "newestComplete", "noNewerComplete", "newestOfVolumes", "keepLast", "unfinished", "otherPolicy",
            ]
            let safe = calm.decisions.filter { protected.contains($0.reason.code) }.map(\.set.id)
            #expect(plan.gone.isDisjoint(with: safe), "seed \(seed)")

            // In the order in which they were chosen: up to the last one, the limit was not reached.
            let before = calm.verdicts
            let chosen = ["keep inTrash", "trash", "keep"].flatMap { prefix in
                plan.decisions.filter {
                    let verdict = before[$0.set.id] ?? ""
                    return $0.reason.code == "poolPressure" && verdict.hasPrefix(prefix)
                        && (prefix != "keep" || verdict != "keep inTrash")
                }
            }
            let anyway = plan.decisions.filter { [.delete, .purge].contains($0.action) && !chosen.contains($0) }
            guard !chosen.isEmpty else { continue }
            let sizes = (anyway + chosen.dropLast()).map { $0.set.shares[0].exclusiveBytes }
            #expect(!sizes.contains(nil), "seed \(seed)")
            #expect(percent - Double(sizes.compactMap(\.self).reduce(0, +)) > 80, "seed \(seed)")
        }
    }
}
