import Foundation
import SetModel

@testable import Lifecycle

/// Sets and policies as they might be found on a host, each seed another one.
struct RetentionHistory {
    var sets: [RetainedSet] = []
    var policies: [RetentionPolicy] = []
    var now = Date(timeIntervalSince1970: 1_795_411_031)
    var numbers: SeededNumbers

    static let zones = ["UTC", "Europe/Vienna", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]
        .compactMap(TimeZone.init(identifier:))

    init(seed: Int, size: ClosedRange<Int> = 0...40) {
        numbers = SeededNumbers(seed: seed)
        for id in ["p", "q"] { policies.append(policy(id)) }
        let reach = numbers.one(of: [1.0, 20, 200, 1500]) * day
        for index in 0..<Int.random(in: size, using: &numbers) { sets.append(set(index, reach)) }
    }

    /// Of the policies, `p` alone is asked about.
    var plan: RetentionPlan { RetentionPlan(sets: sets, policies: [policies[0]], now: now) }

    mutating func rule() -> RetainRule {
        let count = numbers.chance(40) ? Int.random(in: 1...8, using: &numbers) : nil
        let age = numbers.chance(40) ? age() : nil
        var slots: [RetainSlot: Int] = [:]
        for slot in RetainSlot.allCases where numbers.chance(30) {
            slots[slot] = Int.random(in: 1...6, using: &numbers)
        }
        let last = numbers.chance(70) ? 1 : Int.random(in: 1...5, using: &numbers)
        return (try? RetainRule(count: count, age: age, slots: slots, keepLast: last)) ?? rule()
    }

    mutating func age() -> RetainAge? {
        RetainAge(Int.random(in: 1...20, using: &numbers), numbers.one(of: RetainAge.Unit.allCases))
    }

    private mutating func policy(_ id: String) -> RetentionPolicy {
        var policy = RetentionPolicy(id: id, timeZone: numbers.one(of: Self.zones))
        for schedule in ["s", "t", "u"] where schedule == "s" || numbers.chance(50) {
            policy.schedules.append(
                RetentionSchedule(id: schedule, rule: rule(), timeZone: numbers.one(of: Self.zones)))
        }
        policy.orphans = numbers.one(of: RetentionPolicy.WhenLeft.allCases)
        policy.orphanAge = numbers.chance(50) ? age() : nil
        policy.extendDeletion = numbers.chance(30)
        policy.recompute = numbers.one(of: RetentionPolicy.Recompute.allCases)
        policy.trash = numbers.chance(30) ? age() : nil
        policy.whenDisabled = numbers.one(of: RetentionPolicy.WhenLeft.allCases)
        policy.isEnabled = !numbers.chance(10)
        if numbers.chance(10) {
            (policy.pauseAfterFailures, policy.failures) = (3, Int.random(in: 0...6, using: &numbers))
        }
        return policy
    }

    private mutating func set(_ index: Int, _ reach: Double) -> RetainedSet {
        let created = (now.timeIntervalSince1970 - Double.random(in: 0...reach, using: &numbers)).rounded()
        var set = RetainedSet(id: "\(index)", name: "\(index)", createdAt: Date(timeIntervalSince1970: created))
        set.policy = numbers.one(of: ["p", "p", "p", "p", "q", nil])
        set.schedules = Set(["s", "t", "u"].filter { _ in numbers.chance(50) })
        set.state = numbers.chance(80) ? .complete : numbers.one(of: SetState.allCases)
        let isLost = numbers.chance(15)
        let living = ["a", "b", "c"].filter { _ in !isLost && numbers.chance(50) }
        let lost = ["x", "y"].filter { _ in numbers.chance(isLost ? 60 : 10) }
        set.volumesGone = isLost || living.isEmpty && !lost.isEmpty
        set.origins =
            living.map { RetainedOrigin(id: $0, name: "vg/" + $0) }
            + lost.map { RetainedOrigin(id: $0, name: "vg/" + $0, isGone: true) }
        if numbers.chance(40) { set.expiresAt = now + Double.random(in: -reach...reach, using: &numbers) }
        if numbers.chance(10) { set.purgeAt = now + Double.random(in: -day...day, using: &numbers) }
        if numbers.chance(10) {
            let end = now + Double.random(in: -day...day, using: &numbers)
            set.holds = [SetHold(reason: "a", until: numbers.one(of: [nil, end])), SetHold(reason: "b", until: end)]
        }
        return set
    }
}
