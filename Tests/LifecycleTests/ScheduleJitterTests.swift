import Foundation
import Testing

@testable import Lifecycle

@Suite struct ScheduleJitterTests {
    private func delays(_ id: String, policy: String, jitter: Int, count: Int, every: String = "1h") throws -> [Double]
    {
        let schedule = try Schedule(id: id, timing: .every(every), jitter: .seconds(jitter))
        return try schedule.runs(after: instant("2026-01-01T00:00:00Z")).prefix(count).map {
            schedule.dueTime(of: $0, policy: policy).timeIntervalSince($0)
        }
    }

    @Test("the same on every host and in every version")
    func same() throws {
        let schedule = try Schedule(id: "nightly", timing: .every("1d"), jitter: .seconds(600))
        let run = try instant("2026-01-01T00:00:00Z")
        // Computed in Python.
        let delay = schedule.dueTime(of: run, policy: "databases").timeIntervalSince(run)
        #expect(Int((delay * 1000).rounded()) == 209_964)
    }

    @Test("without jitter runs are due at their time")
    func none() throws { #expect(try delays("a", policy: "p", jitter: 0, count: 100).allSatisfy { $0 == 0 }) }

    @Test("spread evenly over runs, and over policies at one run")
    func even() throws {
        let ofPolicies = try (0..<6000).flatMap { try delays("nightly", policy: "p\($0)", jitter: 600, count: 1) }
        for delays in [try delays("nightly", policy: "p", jitter: 600, count: 6000), ofPolicies] {
            #expect(delays.allSatisfy { (0..<600).contains($0) })
            let tenths = Dictionary(grouping: delays) { Int($0 / 60) }.mapValues(\.count)
            // 600 each; the standard deviation is 23.
            #expect(tenths.count == 10 && tenths.values.allSatisfy { (500...700).contains($0) }, "\(tenths)")
        }
    }

    @Test("differs by policy, schedule and run")
    func differs() throws {
        let one = try delays("a", policy: "p", jitter: 600, count: 50)
        #expect(Set(one).count > 45)
        for other in [
            try delays("b", policy: "p", jitter: 600, count: 50), try delays("a", policy: "q", jitter: 600, count: 50),
        ] {
            #expect(zip(one, other).filter { $0 == $1 }.count < 3)
        }
    }

    @Test("never reaches the next run")
    func ordered() throws {
        let delays = try delays("a", policy: "p", jitter: 3600, count: 1000, every: "5m")
        #expect(delays.allSatisfy { (0..<300).contains($0) } && delays.contains { $0 > 250 })
    }
}
