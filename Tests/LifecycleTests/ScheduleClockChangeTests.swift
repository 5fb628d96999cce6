import Foundation
import Testing

@testable import Lifecycle

/// The rule for changing clocks, instant by instant.
@Suite struct ScheduleClockChangeTests {
    @Test(
        "runs around a change",
        arguments: [
            // Berlin: 2026-03-29 02:00 +01:00 -> 03:00, 2026-10-25 03:00 +02:00 -> 02:00.
            ("cron", "30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", ["03-29T01:00Z", "03-30T00:30Z"]),
            ("cron", "30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", ["10-25T00:30Z", "10-26T01:30Z"]),
            // All in the gap together, and with a time that exists.
            (
                "cron", "0,20 2,3 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z",
                ["03-29T01:00Z", "03-29T01:20Z", "03-30T00:00Z"]
            ),
            // A step of hours: once each.
            (
                "cron", "30 */2 * * *", "Europe/Berlin", "2026-03-28T23:00:00Z",
                ["03-28T23:30Z", "03-29T01:00Z", "03-29T02:30Z"]
            ),
            (
                "cron", "30 */2 * * *", "Europe/Berlin", "2026-10-24T22:00:00Z",
                ["10-24T22:30Z", "10-25T00:30Z", "10-25T03:30Z"]
            ),
            // Every hour: real time.
            (
                "cron", "30 * * * *", "Europe/Berlin", "2026-03-28T23:00:00Z",
                ["03-28T23:30Z", "03-29T00:30Z", "03-29T01:30Z"]
            ),
            (
                "cron", "30 * * * *", "Europe/Berlin", "2026-10-24T23:00:00Z",
                ["10-24T23:30Z", "10-25T00:30Z", "10-25T01:30Z"]
            ),
            (
                "cron", "30 0-23 * * *", "Europe/Berlin", "2026-10-24T23:00:00Z",
                ["10-24T23:30Z", "10-25T00:30Z", "10-25T01:30Z"]
            ),
            (
                "interval", "1 HOURS", "Europe/Berlin", "2026-10-24T23:30:00Z",
                ["10-25T00:00Z", "10-25T01:00Z", "10-25T02:00Z"]
            ),
            (
                "calendar", "*:0/30", "Europe/Berlin", "2026-03-29T00:00:00Z",
                ["03-29T00:30Z", "03-29T01:00Z", "03-29T01:30Z"]
            ),
            // From midnight, in real time; the day of 23 hours ends early, that of 25 has one more.
            (
                "every", "12h", "Europe/Berlin", "2026-03-28T12:00:00Z",
                ["03-28T23:00Z", "03-29T11:00Z", "03-29T22:00Z"]
            ),
            (
                "every", "12h", "Europe/Berlin", "2026-10-24T12:00:00Z",
                ["10-24T22:00Z", "10-25T10:00Z", "10-25T22:00Z", "10-25T23:00Z"]
            ),
            (
                "interval", "12 HOURS", "Europe/Berlin", "2026-10-24T12:00:00Z",
                ["10-24T22:00Z", "10-25T11:00Z", "10-25T23:00Z"]
            ),
            ("every", "7h", "Europe/Berlin", "2026-03-28T20:00:00Z", ["03-29T03:00Z", "03-29T10:00Z", "03-29T17:00Z"]),
            ("every", "1d", "Europe/Berlin", "2026-03-28T12:00:00Z", ["03-28T23:00Z", "03-29T22:00Z"]),
            // Lord Howe: 2026-04-05 02:00 +11:00 -> 01:30, 2026-10-04 02:00 +10:30 -> 02:30.
            ("cron", "45 1 * * *", "Australia/Lord_Howe", "2026-04-04T12:00:00Z", ["04-04T14:45Z", "04-05T15:15Z"]),
            ("cron", "15 2 * * *", "Australia/Lord_Howe", "2026-10-03T12:00:00Z", ["10-03T15:30Z", "10-04T15:15Z"]),
            ("cron", "0 * * * *", "Australia/Lord_Howe", "2026-10-03T14:00:00Z", ["10-03T14:30Z", "10-03T16:00Z"]),
            (
                "every", "1h", "Australia/Lord_Howe", "2026-10-03T14:00:00Z",
                ["10-03T14:30Z", "10-03T15:30Z", "10-03T16:30Z"]
            ),
            // Midnight that does not exist, and one that occurs twice.
            ("cron", "@daily", "America/Santiago", "2026-09-05T12:00:00Z", ["09-06T04:00Z", "09-07T03:00Z"]),
            ("cron", "@daily", "America/Havana", "2026-10-31T12:00:00Z", ["11-01T04:00Z", "11-02T05:00Z"]),
            (
                "every", "12h", "America/Havana", "2026-10-31T12:00:00Z",
                ["10-31T16:00Z", "11-01T04:00Z", "11-01T16:00Z", "11-02T04:00Z", "11-02T05:00Z"]
            ),
            // Apia had no 30 December 2011.
            (
                "cron", "0 2 * * *", "Pacific/Apia", "2011-12-29T00:00:00Z",
                ["12-29T12:00Z", "12-30T10:00Z", "12-30T12:00Z"]
            ),
            ("cron", "0 2 30 12 *", "Pacific/Apia", "2011-01-01T00:00:00Z", ["12-30T10:00Z"]),
            (
                "cron", "0 * * * *", "Pacific/Apia", "2011-12-30T08:30:00Z",
                ["12-30T09:00Z", "12-30T10:00Z", "12-30T11:00Z"]
            ),
            // Offsets of 30 and 45 minutes.
            ("cron", "0 2 * * *", "Asia/Kolkata", "2026-01-01T00:00:00Z", ["01-01T20:30Z"]),
            ("cron", "0 * * * *", "Asia/Kathmandu", "2026-01-01T00:00:00Z", ["01-01T00:15Z", "01-01T01:15Z"]),
            ("cron", "0 3 * * *", "Pacific/Chatham", "2026-09-26T12:00:00Z", ["09-26T14:00Z", "09-27T13:15Z"]),
        ])
    func around(kind: String, text: String, zone: String, start: String, runs: [String]) throws {
        let expected = try runs.map { try instant("\(start.prefix(5))\($0.dropLast()):00Z") }
        let schedule = try Schedule(kind, text, zone)
        #expect(try Array(schedule.runs(after: instant(start)).prefix(runs.count)) == expected)
    }

    @Test("between both occurrences of an hour, a fixed time in it is over")
    func betweenOccurrences() throws {
        let schedule = try Schedule("cron", "30,59 2 * * *", "Europe/Berlin")
        for minute in 0..<60 {
            let second = try instant("2026-10-25T01:00:00Z").addingTimeInterval(TimeInterval(minute * 60))
            #expect(try schedule.next(after: second) == instant("2026-10-26T01:30:00Z"))
        }
    }

    @Test("dates far outside are no harm", arguments: ["0 2 * * *", "*/5 * * * *"])
    func farAway(text: String) throws {
        let schedule = try Schedule("cron", text, "Europe/Berlin")
        let first = try #require(schedule.next(after: .distantPast))
        #expect(try first < instant("1970-01-04T00:00:00Z"))
        #expect(schedule.next(after: .distantFuture) == nil)
        #expect(schedule.next(after: Date(timeIntervalSince1970: .infinity)) == nil)
        #expect(schedule.last(after: .distantPast, through: .distantFuture) != nil)
    }
}
