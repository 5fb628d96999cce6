import Foundation

@testable import Lifecycle

/// An instant as RFC 3339 writes it, `2026-03-29T01:00:00Z` or with an offset.
func instant(_ text: String) throws -> Date { try Date.ISO8601FormatStyle().parse(text) }

extension Timing {
    /// - Parameter kind: `cron`, `calendar`, `interval` (`COUNT UNIT [TIME ...]`) or `every`.
    init(kind: String, _ text: String) throws {
        switch kind {
        case "cron": self = try .cron(text)
        case "calendar": self = try .calendar(text)
        case "every": self = try .every(text)
        default:
            let words = text.split(separator: " ").map(String.init)
            self = try .interval(
                Int(words[0]) ?? 0, unit: IntervalUnit(rawValue: words[1]) ?? .hours, times: Array(words.dropFirst(2)))
        }
    }
}

extension Schedule {
    init(_ kind: String, _ text: String, _ zone: String = "UTC") throws {
        self = try Schedule(id: "s", timing: Timing(kind: kind, text), zone: Zone(named: zone))
    }

    /// As seconds since 1970.
    func seconds(after start: Int, through end: Int) -> [Int] {
        runs(after: Date(timeIntervalSince1970: TimeInterval(start))).lazy
            .map { Int($0.timeIntervalSince1970) }.prefix { $0 <= end }.map { $0 }
    }
}

/// Numbers that look random, and are the same in every run (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = (state ^ (state >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
