import Foundation
import SetModel
import Testing

@testable import Lifecycle

struct RetentionPressureTests {
    let now = Date(timeIntervalSince1970: 1_795_435_200)

    /// Ten daily sets that occupy five of 100 bytes each, `0` the newest.
    private func sets(_ change: (Int, inout RetainedSet) -> Void = { _, _ in }) -> [RetainedSet] {
        (0..<10).map { index in
            .made("\(index)", now - Double(index) * day) {
                $0.shares = [PoolShare(pool: "vg/pool", exclusiveBytes: 5)]
                change(index, &$0)
            }
        }
    }

    private func policy(_ rule: RetainRule, _ change: (inout RetentionPolicy) -> Void = { _ in }) -> RetentionPolicy {
        .ruled(rule) {
            $0.poolPressure = 90
            change(&$0)
        }
    }

    private func plan(_ policy: RetentionPolicy, _ sets: [RetainedSet], percent: Double) -> RetentionPlan {
        let pools = [PoolUsage(name: "vg/pool", sizeBytes: 100, dataPercent: percent)]
        return RetentionPlan(sets: sets, policies: [policy], pools: pools, now: now)
    }

    @Test(
        "the oldest go until the estimate is at the limit",
        arguments: [
            (90, []), (90.1, ["9"]), (95, ["9"]), (95.1, ["8", "9"]), (100, ["8", "9"]),
        ] as [(Double, Set<String>)])
    func enough(percent: Double, gone: Set<String>) throws {
        let plan = plan(policy(try RetainRule(count: 10)), sets(), percent: percent)
        #expect(plan.gone == gone)
        #expect(plan.decisions.filter { gone.contains($0.set.id) }.allSatisfy { $0.reason.code == "poolPressure" })
    }

    @Test(
        "metadata that is too full counts as much: of it nobody knows what a set frees, so one goes at a time",
        arguments: [
            (40, 96, ["9"], "metadata of pool vg/pool is 96.0 % full, above 90.0 %"),
            (97, 96, ["8", "9"], "data of pool vg/pool is 97.0 % full, above 90.0 %"),
            (40, 90, [], ""), (40, nil, [], ""),
        ] as [(Double, Double?, Set<String>, String)])
    func metadata(data: Double, metadata: Double?, gone: Set<String>, sentence: String) throws {
        let pools = [PoolUsage(name: "vg/pool", sizeBytes: 100, dataPercent: data, metadataPercent: metadata)]
        let plan = RetentionPlan(
            sets: sets(), policies: [policy(try RetainRule(count: 10))], pools: pools, now: now)
        #expect(plan.gone == gone)
        for decision in plan.leaving { #expect(decision.reason.sentence == sentence) }
    }

    @Test("never below the floors, never a held one, never an orphan that is to be kept")
    func floors() throws {
        let found = sets { index, set in
            if index == 9 { set.holds = [SetHold(reason: "x")] }
            if index == 8 { set.schedules = ["renamed"] }
            if index == 7 { set.volumesGone = true }
            if index == 6 { set.policy = "q" }
            if index == 5 { set.state = .staged }
            if index == 0 { set.state = .degraded }
            set.shares[0].exclusiveBytes = 0
        }
        let plan = plan(policy(try RetainRule(count: 10, keepLast: 2)), found, percent: 100)
        #expect(plan.gone == ["3", "4"])
        #expect(plan.verdicts["1"] == "keep newestComplete" && plan.verdicts["2"] == "keep keepLast")
    }

    @Test("only with the setting, in that pool, and while the policy may delete")
    func asked() throws {
        let rule = try RetainRule(count: 10)
        #expect(plan(policy(rule) { $0.poolPressure = nil }, sets(), percent: 100).gone.isEmpty)
        #expect(plan(policy(rule) { $0.isEnabled = false }, sets(), percent: 100).gone.isEmpty)
        let elsewhere = sets { index, set in if index > 7 { set.shares[0].pool = "vg/other" } }
        #expect(plan(policy(rule), elsewhere, percent: 100).gone == ["6", "7"])
        // Creations fail because the pool is full: the pause must not keep it full.
        let paused = policy(try RetainRule(count: 9)) { ($0.pauseAfterFailures, $0.failures) = (1, 5) }
        #expect(plan(paused, sets(), percent: 95).verdicts["9"] == "delete poolPressure")
        #expect(plan(paused, sets(), percent: 90).gone.isEmpty)
    }

    @Test("what goes anyway is counted first; unknown sizes go one at a time")
    func estimates() throws {
        #expect(plan(policy(try RetainRule(count: 8)), sets(), percent: 100).gone == ["8", "9"])
        #expect(plan(policy(try RetainRule(count: 8)), sets(), percent: 101).gone == ["7", "8", "9"])
        let unknown = sets { index, set in if index == 8 { set.shares[0].exclusiveBytes = nil } }
        #expect(plan(policy(try RetainRule(count: 10)), unknown, percent: 100).gone == ["8", "9"])
        #expect(plan(policy(try RetainRule(count: 10)), unknown, percent: 200).gone == ["8", "9"])
        #expect(plan(policy(try RetainRule(count: 8)), unknown, percent: 200).gone == ["8", "9"])
        let pools = [PoolUsage(name: "vg/pool", sizeBytes: 0, dataPercent: 95)]
        let unsized = RetentionPlan(
            sets: sets(), policies: [policy(try RetainRule(count: 10))], pools: pools, now: now)
        #expect(unsized.gone == ["9"])
    }

    @Test("what is in trash, or would go there, goes before what rules want")
    func trash() throws {
        let found = sets { index, set in if index == 2 { set.purgeAt = now + day } }
        let trashing = policy(try RetainRule(count: 8)) { $0.trash = RetainAge(7, .days) }
        func verdicts(_ percent: Double) -> [String?] {
            let verdicts = plan(trashing, found, percent: percent).verdicts
            return ["2", "9", "8"].map { verdicts[$0] }
        }
        #expect(verdicts(90) == ["keep inTrash", "trash unwanted", "keep wanted"])
        #expect(verdicts(95) == ["purge poolPressure", "trash unwanted", "keep wanted"])
        #expect(verdicts(100) == ["purge poolPressure", "delete poolPressure", "keep wanted"])
        #expect(verdicts(105) == ["purge poolPressure", "delete poolPressure", "delete poolPressure"])
    }

    @Test("two policies in one pool share the burden, each down to its own limit")
    func shared() throws {
        let rule = try RetainRule(count: 10)
        let mixed = sets { index, set in set.policy = index.isMultiple(of: 2) ? "p" : "q" }
        let other = policy(rule) {
            $0.id = "q"
            $0.poolPressure = 97
        }
        let pools = [PoolUsage(name: "vg/pool", sizeBytes: 100, dataPercent: 100)]
        let plan = RetentionPlan(sets: mixed, policies: [policy(rule), other], pools: pools, now: now)
        // 9 is of q and brings 95; from there on it is p's turn.
        #expect(plan.gone == ["9", "8"])
        let low = RetentionPlan(
            sets: mixed, policies: [policy(rule), other],
            pools: [PoolUsage(name: "vg/pool", sizeBytes: 100, dataPercent: 96)], now: now)
        #expect(low.gone == ["8", "6"])
    }

    @Test("a set of two pools is counted in both")
    func twoPools() throws {
        let found = sets { _, set in set.shares.append(PoolShare(pool: "vg/fast", exclusiveBytes: 10)) }
        let pools = ["vg/pool", "vg/fast"].map { PoolUsage(name: $0, sizeBytes: 100, dataPercent: 100) }
        let plan = RetentionPlan(sets: found, policies: [policy(try RetainRule(count: 10))], pools: pools, now: now)
        #expect(plan.gone == ["9", "8"])
        #expect(
            RetentionPlan(sets: found, policies: [policy(try RetainRule(count: 10))], pools: pools.reversed(), now: now)
                == plan)
    }
}
