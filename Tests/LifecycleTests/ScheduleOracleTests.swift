import Foundation
import Testing

@testable import Lifecycle

/// Ten years of runs against independent computations.
@Suite struct ScheduleOracleTests {
    /// Few runs a day.
    static let sparse: [[String]] =
        [
            "0 2 * * *", "30 2 * * *", "15 0 * * *", "59 23 * * 1-5", "0 0 1 * *", "0 0 31 * *", "0 0 29 2 *",
            "0 3 13 * 5", "0 3 1-7 * MON", "0 3 */2 * 1", "0 3 13 * */2", "45 1,2,3 * * *", "30 */2 * * *",
            "0 */6 * jan,JUL *", "0 12 * * 6-7", "0 12 * * 5-7/2", "*/20 2 * 3,4,10,11 *",
            "cron(0 17 ? * FRI *)", "cron(0 2 L * ? *)", "cron(30 2 LW * ? *)", "cron(0 9 15W * ? *)",
            "cron(0 9 1W * ? *)", "cron(0 9 31W * ? *)", "cron(0 9 1,10W,L 3-9 ? *)", "cron(0 9 ? * 6L *)",
            "cron(0 9 ? * MON#2 *)", "cron(0 9 ? * 3#5,SUN *)", "cron(0 9 ? * L *)", "cron(0/30 2-3 ? * 2-6 2024-2026)",
            "cron(5 8-17/3 1/5 * ? 2021/2)",
        ].map { ["cron", $0] }
        + [
            "Mon..Fri 03:00", "Mon,Wed 04:30", "*-*-01/7 05:00", "*-*~01 02:30", "*-02~01 00:00", "Mon *-05~07/1 06:00",
            "2022..2025-*-15 12:00:00", "04-01 02:15", "Sat", "Mon..Fri *-*-* 00/8:30",
        ].map { ["calendar", $0] }
        + [
            "12 HOURS 09:30", "2 HOURS 01:30", "24 HOURS", "90 MINUTES", "3 DAYS 02:30 14:00", "2 WEEKS 02:00",
        ].map { ["interval", $0] }
        + ["7h", "12h", "90m", "1d", "5d", "1w", "50h"].map { ["every", $0] }

    /// Many.
    static let dense = [
        ["cron", "0 * * * *"], ["cron", "15,45 * 1 * *"], ["calendar", "Sun *:0/20"], ["interval", "30 MINUTES 00:10"],
        ["every", "40m"], ["every", "1h"],
    ]

    private func compare(_ request: ScheduleOracle.Request) throws {
        var results = try ScheduleOracle.runs(request).makeIterator()
        for zone in request.zones {
            for expression in request.expressions {
                let runs = try Schedule(expression[0], expression[1], zone).seconds(
                    after: request.from, through: request.to)
                let next = results.next()
                let oracle = try #require(next)
                guard runs != oracle else { continue }
                let (extra, missing) = (Set(runs).subtracting(oracle).sorted(), Set(oracle).subtracting(runs).sorted())
                Issue.record("\(expression) in \(zone): too many \(extra.prefix(5)), missing \(missing.prefix(5))")
            }
        }
        #expect(results.next() == nil)
    }

    @Test(
        "ten years in five time zones",
        .enabled(if: ScheduleOracle.hasPython, "needs python3 with zoneinfo and its zones")
    )
    func tenYears() throws {
        let zones = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Chatham", "America/Santiago"]
        // 2020 to 2029.
        try compare(.init(from: 1_577_836_800, to: 1_893_456_000, zones: zones, expressions: Self.sparse))
        // 2025 and 2026.
        try compare(.init(from: 1_735_689_600, to: 1_798_761_600, zones: zones, expressions: Self.dense))
    }

    @Test(
        "zones that skipped a day, changed at or just after midnight, by two hours, or four times a year",
        .enabled(if: ScheduleOracle.hasPython, "needs python3 with zoneinfo and its zones"))
    func strangeZones() throws {
        let zones = [
            "Pacific/Apia", "America/St_Johns", "America/Havana", "Africa/Cairo", "Antarctica/Troll", "Asia/Kathmandu",
        ]
        // 2010 and 2011.
        try compare(
            .init(from: 1_262_304_000, to: 1_325_462_400, zones: zones, expressions: Self.sparse + Self.dense))
    }

    @Test("cron as croniter reads it", .enabled(if: ScheduleOracle.hasCroniter, "needs python3 with croniter"))
    func croniter() throws {
        // croniter combines both days also where one begins with `*`, reads no `?` or `W`, and has its own rule for
        // changing clocks: so crontab expressions, in UTC.
        let expressions = (Self.sparse + Self.dense).filter {
            !$0[1].contains("cron(") && !$0[1].contains("*/2") && $0[0] == "cron"
        }
        let (from, to) = (1_704_067_200, 1_767_225_600)  // 2024 and 2025.
        let expected = try ScheduleOracle.runs(
            .init(from: from, to: to, zones: ["UTC"], expressions: expressions), "croniter")
        #expect(expected.count == expressions.count && expected.count >= 12)
        for (expression, oracle) in zip(expressions, expected) {
            #expect(try Schedule("cron", expression[1]).seconds(after: from, through: to) == oracle, "\(expression)")
        }
    }

    @Test(
        "calendar expressions as systemd reads them",
        .enabled(if: ScheduleOracle.hasSystemd, "needs systemd-analyze with --base-time"),
        arguments: sparse.filter { $0[0] == "calendar" }.map { $0[1] } + [
            "minutely", "hourly", "daily", "weekly", "monthly", "quarterly", "semiannually", "yearly", "annually",
            "*:0/15", "*-*-* 02:00:00", "*-*~03..05 01:00", "*-*~07/3 01:00", "Fri 2026-*-13 13:13", "*-1/3-1", "Mon",
            "monday,SAT..sun 1..3,22:59", "*:*",
        ])
    func systemd(text: String) throws {
        let start = 1_760_000_000
        let expected = try ScheduleOracle.systemdRuns(text, after: start, count: 12)
        #expect(!expected.isEmpty)
        let schedule = try Schedule("calendar", text)
        #expect(schedule.seconds(after: start, through: expected.last ?? start) == expected)
    }
}
