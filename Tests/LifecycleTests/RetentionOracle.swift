import Foundation
import SetModel

@testable import Lifecycle

/// What rules promise, computed the slow and obvious way: whole periods by their names, no order relied upon.
enum RetentionOracle {
    /// The ids of the sets that this schedule has to keep, of complete ones that it made.
    static func promised(_ sets: [RetainedSet], _ schedule: RetentionSchedule, now: Date) -> Set<String> {
        let rule = schedule.rule
        var promised: Set<String> = []
        let newest = sets.sorted { ($0.createdAt, $0.id) > ($1.createdAt, $1.id) }
        promised.formUnion(newest.prefix(max(rule.count ?? 0, rule.keepLast)).map(\.id))
        for set in sets {
            guard let age = rule.age, end(of: age, from: set.createdAt, schedule.timeZone) > now else { continue }
            promised.insert(set.id)
        }
        for (slot, limit) in rule.slots {
            let periods = Dictionary(grouping: sets) { name(of: slot, at: $0.createdAt, schedule.timeZone) }
            for period in periods.keys.sorted(by: >).prefix(limit) {
                let first = periods[period]?.min { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
                if let first { promised.insert(first.id) }
            }
        }
        return promised
    }

    /// `2026-11-23`: sorts as time does.
    static func name(of slot: RetainSlot, at date: Date, _ zone: TimeZone) -> String {
        let offset = zone.secondsFromGMT(for: date)
        let local = Int(date.timeIntervalSince1970) + offset
        let (year, month, day) = civil(day: local / 86_400)
        func pad(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        switch slot {
        case .yearly: return "\(year)"
        case .monthly: return "\(year)-\(pad(month))"
        // Day 0 of the epoch was a Thursday.
        case .weekly: return "week \((local / 86_400 + 3) / 7 + 10_000)"
        case .daily: return "\(year)-\(pad(month))-\(pad(day))"
        // When clocks go back, the second of two hours of one name has another offset: the smaller one.
        case .hourly: return "\(year)-\(pad(month))-\(pad(day)) \(pad(local % 86_400 / 3600)) \(200_000 - offset)"
        }
    }

    /// Year, month and day of a day of the epoch, counted up from the year 2000.
    private static func civil(day: Int) -> (Int, Int, Int) {
        var rest = day - 10_957
        var year = 2000
        while rest >= length(ofYear: year) {
            rest -= length(ofYear: year)
            year += 1
        }
        var month = 1
        while rest >= length(ofMonth: month, year) {
            rest -= length(ofMonth: month, year)
            month += 1
        }
        return (year, month, rest + 1)
    }

    private static func length(ofYear year: Int) -> Int { length(ofMonth: 2, year) + 337 }

    private static func length(ofMonth month: Int, _ year: Int) -> Int {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
    }

    static func end(of age: RetainAge, from start: Date, _ zone: TimeZone) -> Date {
        let seconds: [RetainAge.Unit: Int] = [.minutes: 60, .hours: 3600, .days: 86_400, .weeks: 604_800]
        if let unit = seconds[age.unit] { return start + Double(unit * age.value) }
        let local = Int(start.timeIntervalSince1970) + zone.secondsFromGMT(for: start)
        var (year, month, day) = civil(day: local / 86_400)
        month += age.value * (age.unit == .years ? 12 : 1) - 1
        (year, month) = (year + month / 12, month % 12 + 1)
        day = min(day, length(ofMonth: month, year))
        let days =
            10_957 + (2000..<year).reduce(0) { $0 + length(ofYear: $1) }
            + (1..<month).reduce(0) { $0 + length(ofMonth: $1, year) } + day - 1
        let wall = Date(timeIntervalSince1970: Double(days * 86_400 + local % 86_400))
        let guess = wall - Double(zone.secondsFromGMT(for: wall))
        return wall - Double(zone.secondsFromGMT(for: guess))
    }
}
