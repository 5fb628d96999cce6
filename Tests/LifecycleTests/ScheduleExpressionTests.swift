import Foundation
import Testing

@testable import Lifecycle

/// What expressions mean, and what is said about wrong ones.
@Suite struct ScheduleExpressionTests {
    @Test(
        "the next runs",
        arguments: [
            // 1 January 2026 is a Thursday.
            ("cron", "cron(0 17 ? * FRI *)", ["2026-01-02T17:00:00Z", "2026-01-09T17:00:00Z"]),
            ("cron", "CRON(0 10 ? * 6L *)", ["2026-01-30T10:00:00Z", "2026-02-27T10:00:00Z"]),
            ("cron", "cron(0 10 ? * fril *)", ["2026-01-30T10:00:00Z", "2026-02-27T10:00:00Z"]),
            ("cron", "cron(0 10 ? * mon#2 *)", ["2026-01-12T10:00:00Z", "2026-02-09T10:00:00Z"]),
            ("cron", "cron(0 10 ? * 2#5 *)", ["2026-03-30T10:00:00Z", "2026-06-29T10:00:00Z"]),
            ("cron", "cron(0 10 ? * L *)", ["2026-01-03T10:00:00Z"]),
            ("cron", "cron(0 10 ? * 7-1 *)", ["2026-01-03T10:00:00Z", "2026-01-04T10:00:00Z", "2026-01-10T10:00:00Z"]),
            ("cron", "cron(0 10 3W * ? *)", ["2026-01-02T10:00:00Z", "2026-02-03T10:00:00Z"]),
            ("cron", "cron(0 10 1W 8 ? *)", ["2026-08-03T10:00:00Z"]),
            ("cron", "cron(0 10 31w 1,5 ? *)", ["2026-01-30T10:00:00Z", "2026-05-29T10:00:00Z"]),
            ("cron", "cron(0 10 LW * ? *)", ["2026-01-30T10:00:00Z", "2026-02-27T10:00:00Z", "2026-03-31T10:00:00Z"]),
            ("cron", "cron(0 10 L feb ? *)", ["2026-02-28T10:00:00Z", "2027-02-28T10:00:00Z", "2028-02-29T10:00:00Z"]),
            ("cron", "cron(0 0 29 2 ? 2099-2105)", ["2104-02-29T00:00:00Z"]),
            ("cron", "0 0 29 2 1", ["2026-02-02T00:00:00Z", "2026-02-09T00:00:00Z"]),
            ("cron", "0 0 */10 2 1", ["2027-02-01T00:00:00Z", "2028-02-21T00:00:00Z"]),
            ("cron", "0 0 * * 7", ["2026-01-04T00:00:00Z"]),
            ("cron", "0 0 * * 0", ["2026-01-04T00:00:00Z"]),
            ("cron", "0 0 * * sat-mon", ["2026-01-03T00:00:00Z", "2026-01-04T00:00:00Z", "2026-01-05T00:00:00Z"]),
            ("cron", "50/5 23 1-2,31/1 * *", ["2026-01-01T23:50:00Z", "2026-01-01T23:55:00Z", "2026-01-02T23:50:00Z"]),
            ("cron", "@weekly", ["2026-01-04T00:00:00Z", "2026-01-11T00:00:00Z"]),
            ("cron", "@Annually", ["2027-01-01T00:00:00Z"]),
            (
                "calendar", "Mon..Fri *-*-* 03:00",
                ["2026-01-01T03:00:00Z", "2026-01-02T03:00:00Z", "2026-01-05T03:00:00Z"]
            ),
            ("calendar", "*-*-01/7 05:00", ["2026-01-01T05:00:00Z", "2026-01-08T05:00:00Z"]),
            ("calendar", "*-02~01", ["2026-02-28T00:00:00Z", "2027-02-28T00:00:00Z", "2028-02-29T00:00:00Z"]),
            ("calendar", "Semi-Annually", ["2026-07-01T00:00:00Z"]),
            ("interval", "12 HOURS 09:00", ["2026-01-01T09:00:00Z", "2026-01-01T21:00:00Z"]),
            ("interval", "2 WEEKS 02:00", ["2026-01-05T02:00:00Z", "2026-01-19T02:00:00Z"]),
            ("every", "15m", ["2026-01-01T00:15:00Z", "2026-01-01T00:30:00Z"]),
            ("every", "7h", ["2026-01-01T05:00:00Z", "2026-01-01T12:00:00Z"]),
            ("every", "52w", ["2026-10-26T00:00:00Z", "2027-10-25T00:00:00Z"]),
        ])
    func next(kind: String, text: String, runs: [String]) throws {
        let schedule = try Schedule(kind, text)
        #expect(
            try Array(schedule.runs(after: instant("2026-01-01T00:00:00Z")).prefix(runs.count)) == runs.map(instant))
    }

    @Test("a calendar expression's own zone")
    func ownZone() throws {
        let timing = try Timing.calendar("Mon *-*-* 02:00 Asia/Kathmandu")
        #expect(try Schedule(id: "s", timing: timing).zone == Zone(named: "Asia/Kathmandu"))
        #expect(try Schedule(id: "s", timing: .calendar("daily UTC")).zone == .utc)
        let error = #expect(throws: ScheduleError.self) { try Schedule(id: "s", timing: timing, zone: .utc) }
        #expect(
            error?.description == "time zone \"UTC\": the expression ends with Asia/Kathmandu: leave one of both out")
    }

    @Test(
        "what is wrong is named by field, value and what is allowed",
        arguments: [
            ("cron", "61 * * * *", "minute \"61\": this is out of range; allowed are 0 to 59, with * , - /"),
            ("cron", "0 24 * * *", "hour \"24\": this is out of range; allowed are 0 to 23, with * , - /"),
            ("cron", "0 0 0 * *", "day-of-month \"0\": this is out of range; allowed are 1 to 31"),
            ("cron", "0 0 ? * *", "day-of-month \"?\": this is no number; allowed are 1 to 31, with * , - /"),
            ("cron", "0 0 * Foo *", "month \"Foo\": this is no number; allowed are 1 to 12 or JAN FEB MAR"),
            ("cron", "0 0 * * 8", "day-of-week \"8\": this is out of range; allowed are 0 to 7 or SUN MON"),
            ("cron", "0 0 * * MON#2", "day-of-week \"MON#2\": this is no number"),
            ("cron", "*/90 * * * *", "minute \"*/90\": a step goes from 1 to 59"),
            ("cron", "*/0 * * * *", "minute \"*/0\": a step goes from 1 to 59"),
            ("cron", "0 */x * * *", "hour \"*/x\": a step goes from 1 to 23"),
            ("cron", "0 9-5 * * *", "hour \"9-5\": the range runs backwards"),
            ("cron", "0 1,,2 * * *", "hour \"\": this is no number"),
            ("cron", "0 +1 * * *", "hour \"+1\": this is no number"),
            ("cron", "0 0 * *", "cron \"0 0 * *\": it has 4 fields; write minute hour"),
            ("cron", "0 0 12 * * ?", "it has 6 fields; write minute hour day-of-month month day-of-week (5 fields),"),
            ("cron", "cron(0 0 * * *)", "it has 5 fields"), ("cron", "", "it has 0 fields"),
            ("cron", "@reboot", "cron \"@reboot\": there is no such name; known are @annually @daily"),
            ("cron", "cron(0 0 * * * *)", "day-of-month and day-of-week \"* *\": exactly one of both has to be ?"),
            ("cron", "cron(0 0 ? * ? *)", "day-of-month and day-of-week \"? ?\": exactly one"),
            ("cron", "cron(0 0 ? * 0 *)", "day-of-week \"0\": this is out of range; allowed are 1 to 7"),
            ("cron", "cron(0 0 ? * MON#6 *)", "day-of-week \"MON#6\": the number after # goes from 1 to 5"),
            ("cron", "cron(0 0 32W * ? *)", "day-of-month \"32\": this is out of range; allowed are 1 to 31,"),
            (
                "cron", "cron(0 0 W * ? *)",
                "day-of-month \"\": this is no number; allowed are 1 to 31, with * , - / L LW"
            ),
            ("cron", "cron(0 0 1 1 ? 1969)", "year \"1969\": this is out of range; allowed are 1970 to 2199"),
            ("cron", "0 0 30 2 *", "it can never fire: from 1970 to 2199 nothing comes on day 30 of February"),
            (
                "cron", "cron(0 0 29 2 ? 2023)",
                "it can never fire: from 1970 to 2199 nothing comes on day 29 of February in"
            ),
            ("cron", "cron(0 0 31W 4,6 ? *)", "nearest to day 31 of April and June"),
            ("calendar", "*:*:30", "second \"30\": runs begin with the minute; write 00, or leave seconds out"),
            ("calendar", "*-*-* *:*:*", "second \"*\""),
            ("calendar", "", "calendar expression \"\": write weekdays, date, time and time zone in this order"),
            ("calendar", "03:00 *-*-*", "calendar expression \"03:00 *-*-*\": write weekdays"),
            ("calendar", "fortnightly", "calendar expression \"fortnightly\": write weekdays, date, time"),
            ("calendar", "*-13-*", "month \"13\""), ("calendar", "2026", "date \"2026\": write *-*-*"),
            ("calendar", "1-2-3-4", "date \"1-2-3-4\": write *-*-*"), ("calendar", "*~1~2", "date \"*~1~2\""),
            (
                "calendar", "*-*-5..1",
                "day-of-month \"5..1\": the range runs backwards; allowed are 1 to 31, with * , .. /"
            ),
            ("calendar", "Mon-Fri 03:00", "day-of-week \"Mon-Fri\": this is no number"),
            ("calendar", "3:00:00:00", "time \"3:00:00:00\": write hour:minute"),
            ("calendar", "*-02-30", "it can never fire"), ("calendar", "@0", "date \"@0\""),
            ("calendar", "daily Europe/Berln", "time zone \"Europe/Berln\": there is no such zone"),
            (
                "interval", "5 HOURS",
                "interval \"5\": allowed with HOURS are 1, 2, 3, 4, 6, 8, 12 and 24; every: takes any"
            ),
            ("interval", "7 MINUTES", "interval \"7\": allowed with MINUTES are the numbers that divide a day, 1440"),
            ("interval", "0 DAYS", "interval \"0\": allowed with DAYS are 1 to 364"),
            ("interval", "53 WEEKS", "interval \"53\": allowed with WEEKS are 1 to 52"),
            ("interval", "6 HOURS 01:00 02:00", "times \"01:00 02:00\": with HOURS there is one time"),
            ("interval", "6 HOURS 24:00", "times \"24:00\": write hh:mm, from 00:00 to 23:59"),
            ("interval", "1 DAYS 1:0", "times \"1:0\": write hh:mm"),
            ("every", "30s", "every \"30s\": write a whole number and one of m, h, d, w, like 15m"),
            ("every", "0m", "every \"0m\": allowed are 1m to 52w"),
            ("every", "53w", "every \"53w\": allowed are 1m to 52w"),
            ("every", "99999999999999999999m", "every \"99999999999999999999m\": write a whole number"),
        ])
    func wrong(kind: String, text: String, says: String) throws {
        let error = #expect(throws: ScheduleError.self) { try Timing(kind: kind, text) }
        #expect(error?.description.contains(says) == true, "\(error?.description ?? "")")
    }

    @Test("what fires no more")
    func past() throws {
        let schedule = try Schedule("cron", "cron(0 12 1 1 ? 2025)")
        try schedule.requireRun(after: instant("2025-01-01T11:59:59Z"))
        let error = #expect(throws: ScheduleError.self) {
            try schedule.requireRun(after: try instant("2025-01-01T12:00:00Z"))
        }
        #expect(error?.message == "it fires no more: its last run was 2025-01-01T12:00:00Z")
    }

    @Test(
        "time zones",
        arguments: [
            ("Europe/Berln", "did you mean Europe/Berlin?"), ("europe/berlin", "did you mean Europe/Berlin?"),
            ("Berlin", "did you mean Europe/Berlin?"), ("America/New York", "did you mean America/New_York?"),
            ("CET", "write a name like Europe/Berlin, or UTC"), ("GMT+3", "or UTC"), ("", "or UTC"),
            ("Atlantis/Poseidonia", "or UTC"),
        ])
    func zones(name: String, says: String) throws {
        let error = #expect(throws: ScheduleError.self) { try Zone(named: name) }
        #expect(error?.description.hasPrefix("time zone \"\(name)\": there is no such zone: ") == true)
        #expect(error?.description.hasSuffix(says) == true, "\(error?.description ?? "")")
    }

    @Test("names of zones stay as they are written", arguments: ["UTC", "Asia/Kolkata", "Etc/UTC", "US/Eastern"])
    func zoneNames(name: String) throws { #expect(try Zone(named: name).name == name) }

    @Test("jitter has limits", arguments: [-1, 86401])
    func jitterLimits(seconds: Int) throws {
        let error = #expect(throws: ScheduleError.self) {
            try Schedule(id: "s", timing: .every("1h"), jitter: .seconds(seconds))
        }
        #expect(error?.field == "jitter")
    }
}
