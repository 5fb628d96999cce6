import Foundation
import SetModel
import Testing

@testable import Lifecycle

/// Sets that were made while the clock was ahead.
struct RetentionAheadTests {
    let now = Date(timeIntervalSince1970: 1_795_435_200)

    @Test("the clock was a year ahead for one run: the sets after it stay nevertheless", arguments: [1, 3])
    func corrected(count: Int) throws {
        let policy = RetentionPolicy.ruled(try RetainRule(count: count))
        var sets = [RetainedSet.made("ahead", now + 365 * day)]
        for hour in 0..<10 {
            let time = now + Double(hour) * 3600
            sets.append(.made("\(hour)", time))
            let plan = RetentionPlan(sets: sets, policies: [policy], now: time)
            #expect(plan.verdicts["ahead"] == "keep aheadOfClock")
            #expect(plan.verdicts["\(hour)"] == "keep newestComplete")
            #expect(plan.kept.count == min(hour + 1, count) + 1)
            sets = plan.outcome
        }
        // When its time has come it is a set like any other.
        let then = now + 365 * day
        #expect(RetentionPlan(sets: sets, policies: [policy], now: then).verdicts["ahead"] == "keep newestComplete")
        let next = RetainedSet.made("next", then + day)
        let later = RetentionPlan(sets: sets + [next], policies: [policy], now: then + day)
        #expect(later.verdicts["ahead"] == (count == 1 ? "delete unwanted" : "keep wanted"))
    }

    @Test("an hour ahead is not ahead: a run's own sets are later than the time it goes by")
    func tolerance() throws {
        let policy = RetentionPolicy.ruled(try RetainRule(count: 1))
        func verdicts(_ lead: Double) -> [String: String] {
            let sets = [RetainedSet.made("old", now - day), .made("new", now + lead)]
            return RetentionPlan(sets: sets, policies: [policy], now: now).verdicts
        }
        #expect(verdicts(3600) == ["old": "delete unwanted", "new": "keep newestComplete"])
        #expect(verdicts(3601) == ["old": "keep newestComplete", "new": "keep aheadOfClock"])
    }

    @Test("what comes before it, and what it comes before")
    func order() throws {
        let policy = RetentionPolicy.ruled(try RetainRule(count: 1)) { $0.poolPressure = 50 }
        func verdict(_ change: (inout RetainedSet) -> Void) -> String? {
            var ahead = RetainedSet.made("a", now + day, change)
            ahead.shares = [PoolShare(pool: "pool")]
            let pools = [PoolUsage(name: "pool", sizeBytes: 100, dataPercent: 99)]
            return RetentionPlan(sets: [ahead], policies: [policy, .byHand], pools: pools, now: now).verdicts["a"]
        }
        #expect(verdict { $0.holds = [SetHold(reason: "audit")] } == "keep held")
        #expect(verdict { $0.purgeAt = now } == "purge trashEnded")
        #expect(verdict { $0.state = .staged } == "keep unfinished")
        #expect(verdict { $0.state = .degraded } == "keep aheadOfClock")
        #expect(verdict { $0.volumesGone = true } == "keep aheadOfClock")
        #expect(verdict { $0.expiresAt = now } == "keep aheadOfClock")
        #expect(verdict { ($0.policy, $0.expiresAt) = (nil, now) } == "keep aheadOfClock")
        // Full pools delete other sets first, and never the last.
        #expect(verdict { _ in } == "keep aheadOfClock")
        #expect(
            RetentionReason.aheadOfClock.sentence == "made while the clock was ahead; it takes no place until that time"
        )
    }

    /// So all that holds for histories without them holds for the other sets.
    @Test("they change nothing for any other set, and stay themselves")
    func otherwise() {
        for seed in 0..<RetentionPropertyTests.rounds {
            var history = RetentionHistory(seed: seed)
            let before = history.plan
            var ahead: Set<String> = []
            for index in 0..<Int.random(in: 1...5, using: &history.numbers) {
                var set = history.sets.isEmpty ? .made("", history.now) : history.numbers.one(of: history.sets)
                set.id = "ahead \(index)"
                set.purgeAt = nil
                let lead = Double.random(
                    in: 3601...(history.numbers.one(of: [1, 30, 4000]) * day), using: &history.numbers)
                set.createdAt = history.now + lead
                history.sets.append(set)
                ahead.insert(set.id)
            }
            let plan = history.plan
            #expect(plan.decisions.filter { !ahead.contains($0.set.id) } == before.decisions, "seed \(seed)")
            #expect(plan.gone.isDisjoint(with: ahead), "seed \(seed)")
            // Step by step the clock gets there; what it promises holds at each of them.
            for _ in 0..<4 {
                history.sets = history.plan.outcome
                history.now += Double.random(in: 0...2000, using: &history.numbers) * day
                guard !history.policies[0].extendDeletion else { continue }
                let whole = history.sets.filter { $0.policy == "p" && $0.state == .complete && $0.purgeAt == nil }
                let reached = Set(whole.filter { $0.createdAt <= history.now + 3600 }.map(\.id))
                #expect(reached.isEmpty || !reached.isSubset(of: history.plan.gone), "seed \(seed)")
            }
        }
    }
}
