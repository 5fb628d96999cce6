import Foundation
import SetModel
import Testing

@testable import Lifecycle

struct RetentionTrashTests {
    let now = Date(timeIntervalSince1970: 1_795_435_200)

    @Test("to trash, kept there, purged; its end does not move when the policy changes, nor comes while it is disabled")
    func life() throws {
        var policy = RetentionPolicy.ruled(try RetainRule(count: 1)) { $0.trash = RetainAge(7, .days) }
        let sets = [RetainedSet.made("old", now - day), .made("new", now)]
        let first = RetentionPlan(sets: sets, policies: [policy], now: now)
        #expect(first.verdicts["old"] == "trash unwanted")
        #expect(first.decisions.first?.purgeAt == now + 7 * day)

        policy.trash = RetainAge(1, .hours)
        policy.isEnabled = false
        func later(_ date: Date, _ sets: [RetainedSet]) -> RetentionPlan {
            RetentionPlan(sets: sets, policies: [policy], now: date)
        }
        #expect(later(now, first.outcome).verdicts["old"] == "keep inTrash")
        #expect(later(now + 7 * day - 1, first.outcome).verdicts["old"] == "keep inTrash")
        #expect(later(now + 7 * day, first.outcome).verdicts["old"] == "keep policyDisabled")
        policy.whenDisabled = .expire
        #expect(later(now + 7 * day, first.outcome).verdicts["old"] == "purge trashEnded")
        (policy.isEnabled, policy.whenDisabled) = (true, .keep)
        #expect(later(now + 7 * day, first.outcome).verdicts["old"] == "purge trashEnded")
        #expect(later(now + 7 * day, first.outcome).outcome.map(\.id) == ["new"])
    }

    @Test("failed creations stop the purge, too")
    func paused() {
        let policy = RetentionPolicy(id: "p", pauseAfterFailures: 3, failures: 3)
        let set = RetainedSet.made("a", now - 9 * day) { $0.purgeAt = now - day }
        #expect(RetentionPlan(sets: [set], policies: [policy], now: now).verdicts["a"] == "keep paused")
    }

    @Test("a hold stops the purge")
    func held() throws {
        let set = RetainedSet.made("a", now - 9 * day) {
            $0.purgeAt = now - day
            $0.holds = [SetHold(reason: "audit")]
        }
        #expect(RetentionPlan(sets: [set], policies: [RetentionPolicy(id: "p")], now: now).verdicts["a"] == "keep held")
    }

    @Test("a restored set has the trash time once more, then its policy decides", arguments: [nil, 3])
    func restored(days: Int?) throws {
        let policy = RetentionPolicy.ruled(try RetainRule(count: 1)) {
            $0.trash = days.flatMap { RetainAge($0, .days) }
        }
        let restored = RetainedSet.made("a", now - 9 * day) { $0.holds = [policy.holdAfterRestore(at: now)] }
        func verdict(_ date: Date) -> String? {
            RetentionPlan(sets: [restored, .made("n", now)], policies: [policy], now: date).verdicts["a"]
        }
        let end = now + Double(days ?? 7) * day
        #expect(verdict(now) == "keep held" && verdict(end - 1) == "keep held")
        #expect(verdict(end) == (days == nil ? "delete unwanted" : "trash unwanted"))
    }
}
