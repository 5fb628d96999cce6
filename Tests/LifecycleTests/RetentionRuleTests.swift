import Foundation
import SetModel
import Testing

@testable import Lifecycle

/// What a rule can say, and which sets its parts want.
struct RetentionRuleTests {
    @Test(
        "an age ends by the calendar of its zone",
        arguments: [
            ("1mo", "2026-01-31 12:00", "2026-02-28 12:00", "UTC"),
            ("1mo", "2028-01-31 12:00", "2028-02-29 12:00", "UTC"),
            ("1mo", "2026-03-31 12:00", "2026-04-30 12:00", "UTC"),
            ("2mo", "2026-01-31 12:00", "2026-03-31 12:00", "UTC"),
            ("13mo", "2026-12-31 23:59", "2028-01-31 23:59", "UTC"),
            ("1y", "2028-02-29 12:00", "2029-02-28 12:00", "UTC"),
            ("100y", "2026-06-15 12:00", "2126-06-15 12:00", "UTC"),
            // The same local time, on the other side of a change of clocks.
            ("1mo", "2026-03-01 02:00", "2026-04-01 02:00", "Europe/Vienna"),
            ("1mo", "2026-10-01 00:30", "2026-11-01 00:30", "America/New_York"),
            // Already the next month there.
            ("1mo", "2026-02-01 00:30", "2026-03-01 00:30", "Asia/Tokyo"),
            // 02:30 does not exist on 29 March; it is passed at 03:30.
            ("1mo", "2026-02-28 02:30", "2026-03-28 02:30", "Europe/Vienna"),
            ("1y", "2025-03-29 02:30", "2026-03-29 03:30", "Europe/Vienna"),
            // Of two 02:30 the first.
            ("2mo", "2026-08-25 02:30", "2026-10-25 02:30", "Europe/Vienna"),
            // Exact: 24 hours over a day of 23.
            ("1d", "2026-03-28 12:00", "2026-03-29 13:00", "Europe/Vienna"),
            ("1w", "2026-10-20 12:00", "2026-10-27 11:00", "Europe/Vienna"),
            ("90m", "2026-01-01 00:00", "2026-01-01 01:30", "UTC"),
            ("36h", "2026-01-01 00:00", "2026-01-02 12:00", "UTC"),
        ])
    func ends(text: String, start: String, end: String, name: String) throws {
        let zone = try #require(TimeZone(identifier: name))
        let age = try age(text)
        let expected = try moment(end, zone)
        #expect(try age.end(from: moment(start, zone), in: zone) == expected)
        #expect(age.description == text)
    }

    @Test(
        "ages that cannot be",
        arguments: [
            "", "7", "d", "0d", "-1d", "+1d", "7 d", "1.5d", "7D", "7min", "7s", "101y", "1201mo", "5201w",
            "36501d", "876001h", "52560001m", "99999999999999999999d", "٣d",
        ])
    func noAge(text: String) { #expect(RetainAge(text) == nil) }

    @Test("the longest ages are 100 years", arguments: RetainAge.Unit.allCases)
    func longest(unit: RetainAge.Unit) throws {
        let start = try moment("2026-01-01 00:00")
        let longest = try #require(RetainAge(unit.limits.upperBound, unit))
        #expect((99.5...100.1).contains(longest.end(from: start, in: .gmt).timeIntervalSince(start) / day / 365.2425))
    }

    @Test(
        "rules that cannot be name the number",
        arguments: [
            (0, nil, [:], 1, "count: 0 does not lie between 1 and 100000"),
            (100_001, nil, [:], 1, "count: 100001 does not lie between 1 and 100000"),
            (1, nil, [:], 0, "keepLast: 0 does not lie between 1 and 100000"),
            (nil, nil, [.weekly: 0], 1, "weekly: 0 does not lie between 1 and 100000"),
            (nil, nil, [.daily: 7, .yearly: -1], 1, "yearly: -1 does not lie between 1 and 100000"),
            (
                nil, nil, [:], 3,
                "it keeps nothing: give at least one of count, age, hourly, daily, weekly, monthly, yearly"
            ),
        ] as [(Int?, RetainAge?, [RetainSlot: Int], Int, String)])
    func noRule(count: Int?, age: RetainAge?, slots: [RetainSlot: Int], last: Int, message: String) {
        let error = #expect(throws: RetainRuleError.self) {
            try RetainRule(count: count, age: age, slots: slots, keepLast: last)
        }
        #expect(error?.description == message)
    }

    @Test("a rule reads as it was written")
    func description() throws {
        let rule = try RetainRule(count: 10, age: age("30d"), slots: [.weekly: 4, .daily: 7], keepLast: 2)
        #expect(rule.description == "count 10, age 30d, daily 7, weekly 4, last 2")
    }

    @Test("each part ranks the sets")
    func ranks() throws {
        let rule = try RetainRule(count: 2, age: age("36h"), slots: [.daily: 2])
        let noon = try moment("2026-11-23 12:00")
        let instants = [noon, noon - 3600, noon - day, noon - day - 3600, noon - 2 * day]
        let parts = rule.parts(wanting: instants, by: .retention(in: .gmt), AgeClock(now: noon))
        let texts = parts.map { $0.map(\.description) }
        #expect(
            texts == [
                ["last 1 of 1", "count 1 of 2", "age 36h, until 2026-11-25T00:00:00Z"],
                ["count 2 of 2", "age 36h, until 2026-11-24T23:00:00Z", "daily 1 of 2"],
                ["age 36h, until 2026-11-24T00:00:00Z"],
                ["age 36h, until 2026-11-23T23:00:00Z", "daily 2 of 2"],
                [],
            ])
    }

    @Test("an age is over at the instant at which it ends")
    func edge() throws {
        let rule = try RetainRule(age: age("1d"), keepLast: 1)
        let now = try moment("2026-11-23 12:00")
        let parts = rule.parts(wanting: [now, now - day + 1, now - day], by: .retention(in: .gmt), AgeClock(now: now))
        #expect(parts.map { $0.contains { $0.isAge } } == [true, true, false])
    }

    /// Of each row, the sets with a `*` are the first of their period.
    @Test(
        "the first set of each period is kept",
        arguments: [
            (.daily, "UTC", ["2026-11-21 00:00*", "2026-11-21 23:59", "2026-11-22 00:00*", "2026-11-23 12:00*"]),
            // In Vienna the day begins at 23:00 UTC in winter; there are days of 23 and of 25 hours.
            (
                .daily, "Europe/Vienna",
                ["2026-03-29 00:00*", "2026-03-29 03:00", "2026-03-29 23:59", "2026-03-30 00:00*"]
            ),
            (.daily, "Europe/Vienna", ["2026-10-25 00:00*", "2026-10-25 23:59", "2026-10-26 00:00*"]),
            // Midnight does not exist on this day.
            (.daily, "America/Santiago", ["2026-09-05 23:59*", "2026-09-06 01:00*", "2026-09-06 23:00"]),
            // Monday begins a week, on either side of the year.
            (.weekly, "UTC", ["2026-12-27 23:59*", "2026-12-28 00:00*", "2027-01-03 23:59", "2027-01-04 00:00*"]),
            (.weekly, "Australia/Sydney", ["2026-04-05 23:59*", "2026-04-06 00:00*", "2026-04-12 23:00"]),
            (.monthly, "UTC", ["2026-01-31 23:59*", "2026-02-01 00:00*", "2026-02-28 23:59", "2026-03-31 12:00*"]),
            (.monthly, "Asia/Tokyo", ["2026-01-31 23:59*", "2026-02-01 00:00*"]),
            (.yearly, "UTC", ["2025-12-31 23:59*", "2026-01-01 00:00*", "2026-12-31 23:59", "2027-01-01 00:00*"]),
            (.hourly, "Asia/Kathmandu", ["2026-01-01 00:00*", "2026-01-01 00:59", "2026-01-01 01:00*"]),
        ] as [(RetainSlot, String, [String])])
    func firsts(slot: RetainSlot, name: String, rows: [String]) throws {
        let zone = try zone(name)
        let instants = try rows.map { try moment($0.replacingOccurrences(of: "*", with: ""), zone) }
        let firsts = slot.firsts(of: instants.reversed(), limit: 100, by: .retention(in: zone))
        let expected = rows.indices.filter { rows[$0].hasSuffix("*") }.map { rows.count - 1 - $0 }
        #expect(firsts.sorted() == expected.sorted())
        #expect(firsts == firsts.sorted())
    }

    @Test("an hour that happens twice is two hours")
    func doubleHour() throws {
        let vienna = try zone("Europe/Vienna")
        let first = try moment("2026-10-25 02:10", vienna)
        let instants = [first + 3600 + 1200, first + 3600, first + 1200, first]
        #expect(RetainSlot.hourly.firsts(of: instants, limit: 9, by: .retention(in: vienna)) == [1, 3])
        #expect(RetainSlot.daily.firsts(of: instants, limit: 9, by: .retention(in: vienna)) == [3])
    }

    @Test("periods without a set take no slot")
    func gaps() throws {
        let now = try moment("2026-11-23 12:00")
        let instants = [0, 40, 41, 300].map { now - Double($0) * day }
        #expect(RetainSlot.daily.firsts(of: instants, limit: 3, by: .retention(in: .gmt)) == [0, 1, 2])
        #expect(RetainSlot.monthly.firsts(of: instants, limit: 3, by: .retention(in: .gmt)) == [0, 2, 3])
    }

    /// Foundation's distant future is the year 4001: a set can be later.
    @Test("no date is too late for a slot", arguments: [Date.distantFuture, .distantFuture + 400 * day])
    func late(instant: Date) throws {
        let rule = try RetainRule(slots: Dictionary(uniqueKeysWithValues: RetainSlot.allCases.map { ($0, 1) }))
        let parts = rule.parts(
            wanting: [instant, instant - 1000 * day], by: .retention(in: .gmt), AgeClock(now: instant))
        #expect(parts[0].count == 6)
        #expect(parts[1].isEmpty)
        let sets = [RetainedSet.made("a", instant), .made("b", instant - 1000 * day)]
        #expect(RetentionPlan(sets: sets, policies: [.ruled(rule)], now: instant).kept == ["a"])
    }
}
