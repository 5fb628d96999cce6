import Foundation
import SetModel
import Testing

@testable import Lifecycle

struct RetentionForecastTests {
    private func runs(every hours: Int, days: Int) throws -> [Date] {
        let start = try moment("2026-01-01 00:00")
        return stride(from: 0, to: days * 24, by: hours).map { start + Double($0) * 3600 }
    }

    @Test("what rules come to")
    func single() throws {
        func forecast(_ rule: RetainRule, every hours: Int) throws -> Int {
            RetentionPolicy.ruled(rule).forecast(runs: ["s": try runs(every: hours, days: 800)])
        }
        #expect(try forecast(RetainRule(count: 7), every: 24) == 7)
        #expect(try forecast(RetainRule(age: age("7d")), every: 6) == 28)
        // 7 days; of 4 weeks the one that began in them; and the newest.
        #expect(try forecast(RetainRule(slots: [.daily: 7, .weekly: 4]), every: 24) == 10)
        #expect(try forecast(RetainRule(slots: [.yearly: 5]), every: 24) == 4)
    }

    @Test("schedules that are due together share a set; a policy's state does not matter")
    func together() throws {
        let policy = RetentionPolicy(
            id: "p",
            schedules: [
                RetentionSchedule(id: "s", rule: try RetainRule(count: 24)),
                RetentionSchedule(id: "t", rule: try RetainRule(count: 7)),
            ], isEnabled: false, pauseAfterFailures: 1, failures: 1)
        let runs = ["s": try runs(every: 1, days: 30), "t": try runs(every: 24, days: 30)]
        #expect(policy.forecast(runs: runs) == 24 + 6)
        #expect(policy.forecast(runs: [:]) == 0)
    }
}
