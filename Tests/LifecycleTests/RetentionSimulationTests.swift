import Foundation
import SetModel
import Testing

@testable import Lifecycle

/// A policy that runs for two years, and is pruned after every run.
struct RetentionSimulationTests {
    /// After every run exactly those sets are there that the rules promise of all that were ever made: pruning in
    /// between has lost none, and left none over.
    @Test("no promised set is ever lost", arguments: RetentionHistory.zones)
    func twoYears(zone: TimeZone) throws {
        let hourly = RetentionSchedule(
            id: "h", rule: try RetainRule(slots: [.hourly: 12, .daily: 7], keepLast: 2), timeZone: zone)
        let nightly = RetentionSchedule(
            id: "n", rule: try RetainRule(count: 3, age: age("1mo"), slots: [.weekly: 5, .monthly: 14, .yearly: 2]),
            timeZone: zone)
        let policy = RetentionPolicy(id: "p", schedules: [hourly, nightly])
        var numbers = SeededNumbers(seed: zone.secondsFromGMT(for: Date(timeIntervalSince1970: 1_795_411_031)))
        var all: [RetainedSet] = []
        var sets: [RetainedSet] = []
        var now = Date(timeIntervalSince1970: 1_735_700_000)
        let end = now + 2 * 365.25 * day
        while now < end {
            let isNight = numbers.chance(15)
            let set = RetainedSet(
                id: "\(all.count)", name: "", createdAt: now, policy: "p",
                schedules: isNight ? ["h", "n"] : ["h"])
            all.append(set)
            sets.append(set)
            sets = RetentionPlan(sets: sets, policies: [policy], now: now).outcome
            if all.count.isMultiple(of: 11) {
                let promised = policy.schedules.reduce(into: Set<String>()) { promised, schedule in
                    let made = all.filter { $0.schedules.contains(schedule.id) }
                    promised.formUnion(RetentionOracle.promised(made, schedule, now: now))
                }
                #expect(Set(sets.map(\.id)) == promised, "\(now)")
            }
            // Mostly some hours; now and then the machine is off for days.
            let pause = numbers.chance(2) ? Double.random(in: 1...40, using: &numbers) * day : 0
            now += (Double.random(in: 600...40_000, using: &numbers) + pause).rounded()
        }
        #expect(all.count > 500)
    }
}
