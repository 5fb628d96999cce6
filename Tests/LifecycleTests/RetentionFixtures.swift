import Foundation
import SetModel
import Testing

@testable import Lifecycle

/// `2026-03-29 02:30`, or with seconds, in a zone. Of an hour that happens twice, the first.
func moment(_ text: String, _ zone: TimeZone = .gmt) throws -> Date {
    let numbers = text.split { "-: ".contains($0) }.compactMap { Int($0) }
    try #require(numbers.count >= 5)
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = zone
    let parts = DateComponents(
        year: numbers[0], month: numbers[1], day: numbers[2], hour: numbers[3], minute: numbers[4],
        second: numbers.count > 5 ? numbers[5] : 0)
    return try #require(calendar.date(from: parts))
}

func zone(_ name: String) throws -> TimeZone { try #require(TimeZone(identifier: name)) }

func age(_ text: String) throws -> RetainAge { try #require(RetainAge(text)) }

let day = 86_400.0

extension RetainedSet {
    /// A complete set of policy `p`, made for schedule `s`.
    static func made(_ id: String, _ date: Date, _ change: (inout RetainedSet) -> Void = { _ in }) -> RetainedSet {
        var set = RetainedSet(id: id, name: "set-" + id, createdAt: date, policy: "p", schedules: ["s"])
        change(&set)
        return set
    }
}

extension RetentionPolicy {
    /// Policy `p` with schedule `s`.
    static func ruled(_ rule: RetainRule, _ change: (inout RetentionPolicy) -> Void = { _ in }) -> RetentionPolicy {
        var policy = RetentionPolicy(id: "p", schedules: [RetentionSchedule(id: "s", rule: rule)])
        change(&policy)
        return policy
    }
}

extension RetentionPlan {
    /// What becomes of each set: `keep wanted`, `delete unwanted`.
    var verdicts: [String: String] {
        Dictionary(uniqueKeysWithValues: decisions.map { ($0.set.id, "\($0.action.rawValue) \($0.reason.code)") })
    }

    var kept: Set<String> { Set(decisions.filter { $0.action == .keep }.map(\.set.id)) }

    var gone: Set<String> { Set(decisions.filter { ![.keep, .notOurs].contains($0.action) }.map(\.set.id)) }

    /// The sets after `prune` did this.
    var outcome: [RetainedSet] {
        decisions.compactMap { decision in
            var set = decision.set
            switch decision.action {
            case .keep, .notOurs: break
            case .trash: set.purgeAt = decision.purgeAt
            case .delete, .purge: return nil
            }
            return set
        }
    }
}

/// Numbers that are the same in every run (SplitMix64).
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: Int) { state = UInt64(truncatingIfNeeded: seed) }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }

    mutating func one<Element>(of elements: [Element]) -> Element {
        elements[Int.random(in: elements.indices, using: &self)]
    }
}
