import Foundation
import SetModel
import Testing

@testable import Lifecycle

/// What has to be there still when a plan is carried out.
struct RetentionSuccessorTests {
    let now = Date(timeIntervalSince1970: 1_795_435_200)

    @Test("of sets that go because of others, these; of those that may be the last, none")
    func some() throws {
        let policy = RetentionPolicy.ruled(try RetainRule(count: 2)) { $0.extendDeletion = true }
        let sets = [
            RetainedSet.made("a", now - 4 * day), .made("b", now - 3 * day), .made("c", now - 2 * day),
            .made("held", now - 5 * day) { $0.holds = [SetHold(reason: "audit")] },
            .made("ahead", now + day) { $0.holds = [SetHold(reason: "audit")] },
            .made("trash", now - 6 * day) { $0.purgeAt = now },
            .made("gone", now - day) { ($0.volumesGone, $0.expiresAt) = (true, now) },
            .made("hand", now - day) { ($0.policy, $0.schedules, $0.expiresAt) = (nil, [], now) },
        ]
        let plan = RetentionPlan(sets: sets, policies: [policy, .byHand], now: now)
        #expect(plan.gone == ["a", "trash", "gone", "hand"])
        #expect(Set(plan.leaving.map(\.set.id)) == plan.gone)
        #expect(plan.successors == ["a": ["b", "c", "held"]])
    }

    @Test("whatever goes and may not be the last has a newer one that stays")
    func always() {
        for seed in 0..<RetentionPropertyTests.rounds {
            var history = RetentionHistory(seed: seed)
            history.policies[0].extendDeletion = false
            let plan = history.plan
            for decision in plan.leaving where decision.action != .purge {
                let ids = plan.successors[decision.set.id] ?? []
                let newer = history.sets.filter { ids.contains($0.id) && RetainedSet.isNewer($0, decision.set) }
                #expect(!newer.isEmpty, "seed \(seed): \(decision.set)")
                #expect(newer.allSatisfy { $0.state == .complete && $0.purgeAt == nil }, "seed \(seed)")
                #expect(ids.isSubset(of: plan.kept), "seed \(seed)")
            }
        }
    }
}
