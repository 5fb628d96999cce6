import Foundation
import Lifecycle
import Testing

@testable import Commands

/// How old the newest set of a policy may be.
struct ExpectedAgeTests {
    private func limit(_ timings: [Timing], jitter: Duration = .zero, at now: String) throws -> TimeInterval? {
        let zone = try Zone(named: "Europe/Berlin")
        let schedules = try timings.enumerated().map { index, timing in
            PolicySchedule(
                schedule: try Schedule(id: "s\(index)", timing: timing, zone: zone, jitter: jitter),
                retain: try RetainRule(count: 1))
        }
        let policy = Policy(id: "shop", targets: PolicyTargets(any: ["/a"]), schedules: schedules)
        return ExpectedAge.limit(of: policy, at: try Date(now, strategy: .iso8601))
    }

    private static let day = 24.0

    @Test(
        "the longest gap, the one that began before now included, and an hour",
        arguments: [
            // Once a year, when clocks go back, a day has 25 hours.
            ("0 2 * * *", "2026-11-23T10:10:00Z", day + 1), ("0 2 * * *", "2026-10-24T10:10:00Z", day + 1),
            ("*/15 * * * *", "2026-11-23T10:10:00Z", 0.25),
            // Saturday, an hour after the last run; Monday morning; and Wednesday.
            ("* * * * MON-FRI", "2026-11-28T00:30:00Z", 2 * day + 1 + 1.0 / 60),
            ("* * * * MON-FRI", "2026-11-30T09:00:00Z", 2 * day + 1 + 1.0 / 60),
            ("* * * * MON-FRI", "2026-11-25T12:00:00Z", 2 * day + 1 + 1.0 / 60),
            ("*/5 8-17 * * *", "2026-11-23T10:10:00Z", 14 + 5.0 / 60),
            ("0 3 1 1 *", "2026-11-23T10:10:00Z", 365 * day),
            ("0 3 29 2 *", "2026-11-23T10:10:00Z", 4 * 365 * day + day),
            ("0 6 1 * *", "2026-11-23T10:10:00Z", 31 * day + 1),
        ] as [(String, String, Double)])
    func cron(text: String, now: String, hours: Double) throws {
        let limit = try #require(try limit([.cron(text)], at: now))
        #expect(abs(limit - (hours + 1) * 3600) < 1, "\(limit / 3600) h")
    }

    @Test("each schedule's sets count, and what delays runs")
    func several() throws {
        let now = "2026-11-23T10:10:00Z"
        #expect(try limit([.cron("0 2 * * *"), .every("6h")], at: now) == 7 * 3600)
        #expect(try limit([.every("1h")], jitter: .seconds(600), at: now) == 7800)
    }

    @Test(
        "the last run whose hour is over, whatever rests at night or was moved",
        arguments: [
            ("*/15 8-17 * * MON-FRI", "2026-11-24T12:05:00Z", "2026-11-24T11:00:00Z"),
            ("*/15 8-17 * * MON-FRI", "2026-11-29T12:05:00Z", "2026-11-27T16:45:00Z"),
            ("*/15 8-17 * * MON-FRI", "2026-11-24T07:30:00Z", "2026-11-23T16:45:00Z"),
            ("0 5 * * *", "2026-11-24T03:00:00Z", "2026-11-23T04:00:00Z"),
            ("0 5 * * *", "2026-11-24T04:59:59Z", "2026-11-23T04:00:00Z"),
            ("0 5 * * *", "2026-11-24T05:00:00Z", "2026-11-24T04:00:00Z"),
            ("cron(0 2 1 1 ? 2020)", "2026-11-23T10:10:00Z", nil),
        ] as [(String, String, String?)])
    func due(text: String, now: String, expected: String?) throws {
        let schedule = try Schedule(id: "s", timing: .cron(text), zone: try Zone(named: "Europe/Berlin"))
        let policy = Policy(
            id: "shop", targets: PolicyTargets(any: ["/a"]),
            schedules: [PolicySchedule(schedule: schedule, retain: try RetainRule(count: 1))])
        let due = ExpectedAge.due(of: policy, at: try Date(now, strategy: .iso8601))
        #expect(due == (try expected.map { try Date($0, strategy: .iso8601) }))
    }

    @Test("a schedule that runs no more promises nothing")
    func over() throws {
        #expect(try limit([.cron("cron(0 2 1 1 ? 2020)")], at: "2026-11-23T10:10:00Z") == nil)
    }
}
