import Foundation
import SetModel
import Testing

@testable import Lifecycle

/// What stays while the clock is in doubt.
struct RetentionClockTests {
    let now = Date(timeIntervalSince1970: 1_795_435_200)

    @Test("what would go by age alone stays; what goes by count goes")
    func kinds() throws {
        let policy = RetentionPolicy(
            id: "p",
            schedules: [
                RetentionSchedule(id: "s", rule: try RetainRule(age: age("7d"))),
                RetentionSchedule(id: "t", rule: try RetainRule(count: 2)),
            ])
        let old = now - 20 * day
        let sets = [
            RetainedSet.made("young", now - 18 * day), .made("aged", old - day), .made("older", old - 8 * day),
            .made("expired", old) { $0.expiresAt = now - 13 * day },
            .made("trashed", old) { $0.purgeAt = now - day }, .made("emptied", old) { $0.purgeAt = now - 12 * day },
            .made("held", old - 9 * day) { $0.holds = [SetHold(reason: "audit", until: now - day)] },
            .made("hand", old) { ($0.policy, $0.schedules, $0.expiresAt) = (nil, [], now - day) },
            // Made after the jump: as old as they seem.
            .made("short", now - 5 * day) { $0.expiresAt = now - 4 * day },
            .made("c1", now - 2 * day) { $0.schedules = ["t"] }, .made("c2", now - day) { $0.schedules = ["t"] },
            .made("c0", now - 30 * day) { $0.schedules = ["t"] }, .made("new", now - 1),
        ]
        func verdicts(_ ahead: TimeInterval) -> [String: String] {
            RetentionPlan(sets: sets, policies: [policy, .byHand], now: now, clockAhead: ahead).verdicts
        }
        var expected = [
            "young": "delete unwanted", "aged": "delete unwanted", "older": "delete unwanted",
            "expired": "delete unwanted", "trashed": "purge trashEnded", "emptied": "purge trashEnded",
            "held": "delete unwanted", "hand": "delete expired", "short": "delete unwanted", "c0": "delete unwanted",
            "c1": "keep wanted", "c2": "keep keepLast", "new": "keep newestComplete",
        ]
        #expect(verdicts(0) == expected)
        for id in ["young", "trashed", "hand"] { expected[id] = "keep clockInDoubt" }
        expected["held"] = "keep held"
        #expect(verdicts(12 * day) == expected)
        let plan = RetentionPlan(sets: sets, policies: [policy, .byHand], now: now, clockAhead: 12 * day)
        #expect(
            plan.decisions.first { $0.set.id == "young" }?.reason.sentence
                == "would go, but the clock jumped ahead by 12 days")
        #expect(
            RetentionReason.clockInDoubt(ahead: 7300).sentence == "would go, but the clock jumped ahead by 2 hours")
    }

    @Test("under pool pressure it goes all the same, what lies in trash first; what is held does not")
    func pressure() throws {
        let policy = RetentionPolicy.ruled(try RetainRule(age: age("7d"))) { $0.poolPressure = 50 }
        func plan(_ bytes: UInt64, _ percent: Double) -> RetentionPlan {
            let shares = [PoolShare(pool: "pool", exclusiveBytes: bytes)]
            let sets = [
                RetainedSet.made("held", now - 10 * day) {
                    $0.holds = [SetHold(reason: "audit", until: now - day)]
                    $0.shares = shares
                },
                .made("old", now - 9 * day) { $0.shares = shares },
                .made("trash", now - 8 * day) { ($0.purgeAt, $0.shares) = (now - day, shares) },
                .made("new", now - 1) { $0.shares = shares },
            ]
            let pools = [PoolUsage(name: "pool", sizeBytes: 100, dataPercent: percent)]
            return RetentionPlan(sets: sets, policies: [policy], pools: pools, now: now, clockAhead: 5 * day)
        }
        #expect(plan(10, 40).gone.isEmpty)
        #expect(plan(10, 55).gone == ["trash"])
        #expect(plan(10, 65).gone == ["trash", "old"])
        #expect(plan(10, 99).gone == ["trash", "old"])
    }

    @Test("a doubt only ever keeps; what goes would go by the time before the jump as well")
    func onlyKeeps() {
        for seed in 0..<RetentionPropertyTests.rounds {
            var history = RetentionHistory(seed: seed)
            let ahead = Double.random(in: 1...400, using: &history.numbers) * day
            let doubted = RetentionPlan(
                sets: history.sets, policies: [history.policies[0]], now: history.now, clockAhead: ahead)
            #expect(doubted.gone.isSubset(of: history.plan.gone), "seed \(seed)")
            for (plain, careful) in zip(history.plan.decisions, doubted.decisions) where plain != careful {
                #expect(["clockInDoubt", "held"].contains(careful.reason.code), "seed \(seed)")
            }
            for decision in doubted.leaving {
                if case .expired(let end) = decision.reason, decision.set.createdAt <= history.now - ahead {
                    #expect(end <= history.now - ahead, "seed \(seed)")
                }
                if decision.action == .purge, decision.set.createdAt <= history.now - ahead {
                    #expect(decision.set.purgeAt ?? .distantFuture <= history.now - ahead, "seed \(seed)")
                }
            }
        }
    }
}
