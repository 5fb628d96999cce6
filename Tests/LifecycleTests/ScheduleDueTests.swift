import Foundation
import Testing

@testable import Lifecycle

/// What is due in one call, and what is remembered.
@Suite struct ScheduleDueTests {
    /// A host that calls again and again, and remembers.
    struct Host {
        var schedules: [Schedule]
        var handled: [String: HandledRuns] = [:]

        init(_ schedules: Schedule...) { self.schedules = schedules }

        mutating func call(_ now: Date) -> DueRuns {
            let due = DueRuns(policy: "p", schedules: schedules, handled: handled, now: now)
            handled = due.handled
            return due
        }

        mutating func call(_ now: String) throws -> DueRuns { call(try instant(now)) }
    }

    private func nightly(_ id: String = "nightly", _ rule: MissedRunRule = .catchUp, jitter: Int = 0) throws -> Schedule
    {
        try Schedule(id: id, timing: .cron("0 2 * * *"), jitter: .seconds(jitter), missedRuns: rule)
    }

    private func hourly(_ rule: MissedRunRule = .catchUp, jitter: Int = 0) throws -> Schedule {
        try Schedule(id: "hourly", timing: .every("1h"), jitter: .seconds(jitter), missedRuns: rule)
    }

    private func run(_ schedule: String, _ time: String, late: Bool = false) throws -> DueRuns.Run {
        DueRuns.Run(schedule: schedule, time: try instant(time), isCatchUp: late)
    }

    private func missed(_ schedule: String, _ count: Int, _ first: String, _ last: String) throws -> DueRuns.Missed {
        DueRuns.Missed(schedule: schedule, count: count, first: try instant(first), last: try instant(last))
    }

    @Test("a new schedule does not catch up, then each run comes once")
    func onTime() throws {
        var host = Host(try nightly())
        #expect(try host.call("2026-05-01T02:00:30Z").set.isEmpty)
        #expect(try host.handled["nightly"]?.through == instant("2026-05-01T02:00:30Z"))
        #expect(try host.call("2026-05-02T01:59:59Z").set.isEmpty)
        let due = try host.call("2026-05-02T02:00:00Z")
        #expect(try due.set == [run("nightly", "2026-05-02T02:00:00Z")] && due.missed.isEmpty)
        #expect(try host.handled["nightly"]?.through == instant("2026-05-02T02:00:00Z"))
        let again = try host.call("2026-05-02T02:00:00Z")
        #expect(again.set.isEmpty && again.missed.isEmpty && again.handled == due.handled)
        // An hour late is still on time, as in DLM.
        #expect(try host.call("2026-05-03T03:00:00Z").set == [run("nightly", "2026-05-03T02:00:00Z")])
        #expect(try host.call("2026-05-04T03:00:01Z").set == [run("nightly", "2026-05-04T02:00:00Z", late: true)])
    }

    @Test("many missed runs are caught up once, or skipped", arguments: MissedRunRule.allCases)
    func missedRuns(rule: MissedRunRule) throws {
        var host = Host(try nightly("nightly", rule))
        _ = try host.call("2026-05-01T12:00:00Z")
        let due = try host.call("2026-05-05T10:00:00Z")
        #expect(try due.set == (rule == .skip ? [] : [run("nightly", "2026-05-05T02:00:00Z", late: true)]))
        #expect(try due.missed == [missed("nightly", 4, "2026-05-02T02:00:00Z", "2026-05-05T02:00:00Z")])
        let again = try host.call("2026-05-05T10:00:01Z")
        #expect(again.set.isEmpty && again.missed.isEmpty)
        #expect(try host.call("2026-05-06T02:00:00Z").set == [run("nightly", "2026-05-06T02:00:00Z")])
    }

    @Test("a run on time that others were missed before", arguments: MissedRunRule.allCases)
    func missedBefore(rule: MissedRunRule) throws {
        var host = Host(try hourly(rule))
        _ = try host.call("2026-05-01T05:00:00Z")
        let due = try host.call("2026-05-01T10:20:00Z")
        #expect(try due.set == [run("hourly", "2026-05-01T10:00:00Z")])
        #expect(try due.missed == [missed("hourly", 4, "2026-05-01T06:00:00Z", "2026-05-01T09:00:00Z")])
    }

    @Test("runs that follow each other faster than calls share a set, and none of them is missed")
    func fasterThanCalls() throws {
        for jitter in [0, 50] {
            var host = Host(try Schedule(id: "s", timing: .every("1m"), jitter: .seconds(jitter)))
            var now = try instant("2026-05-01T12:00:30Z")
            for call in 0..<24 {
                let due = host.call(now)
                #expect(due.set.count == min(call, 1) && due.missed.isEmpty)
                now += 300
            }
            // Off for two hours: those of the first one are missed.
            now += 7200 - 300
            let due = host.call(now)
            #expect(due.set.count == 1 && due.missed.map(\.count) == [60])
        }
    }

    @Test("counting ends somewhere")
    func counting() throws {
        var host = Host(try Schedule(id: "s", timing: .every("1m")))
        _ = try host.call("1971-01-01T00:00:00Z")
        let due = try host.call("2026-05-01T00:00:00Z")
        #expect(due.missed == [try missed("s", DueRuns.countLimit, "1971-01-01T00:01:00Z", "2026-04-30T22:59:00Z")])
        #expect(try due.set == [run("s", "2026-05-01T00:00:00Z")])
    }

    @Test("a clock that goes back does not bring a run again")
    func clockBack() throws {
        var host = Host(try nightly())
        _ = try host.call("2026-05-01T12:00:00Z")
        #expect(try host.call("2026-05-02T02:00:00Z").set.count == 1)
        for now in ["2026-05-02T01:50:00Z", "2026-05-02T02:00:00Z", "2026-05-01T02:00:01Z", "2026-05-02T02:30:00Z"] {
            let due = try host.call(now)
            #expect(due.set.isEmpty && due.missed.isEmpty, "\(now)")
        }
        #expect(try host.call("2026-05-03T02:00:00Z").set == [run("nightly", "2026-05-03T02:00:00Z")])
    }

    @Test("a clock that was set back by days and is mended repeats nothing")
    func clockBackAndMended() throws {
        var host = Host(try nightly())
        _ = try host.call("2026-05-01T12:00:00Z")
        #expect(try host.call("2026-05-10T02:00:00Z").set.count == 1)
        #expect(try host.call("2026-05-06T12:00:00Z").set.isEmpty)
        // It goes on while the clock is wrong.
        #expect(try host.call("2026-05-07T02:00:00Z").set == [run("nightly", "2026-05-07T02:00:00Z")])
        let mended = try host.call("2026-05-10T12:00:00Z")
        #expect(mended.set.isEmpty && mended.missed.isEmpty)
        #expect(try host.call("2026-05-11T02:00:00Z").set == [run("nightly", "2026-05-11T02:00:00Z")])
    }

    @Test("a clock that jumped years ahead and came back does not silence the schedule")
    func clockAhead() throws {
        var host = Host(try nightly())
        _ = try host.call("2026-05-01T12:00:00Z")
        #expect(try host.call("2031-01-01T12:00:00Z").set == [run("nightly", "2031-01-01T02:00:00Z", late: true)])
        #expect(try host.call("2026-05-01T13:00:00Z").set.isEmpty)
        #expect(try host.call("2026-05-02T02:00:00Z").set == [run("nightly", "2026-05-02T02:00:00Z")])
        #expect(try host.call("2026-05-03T02:00:00Z").set == [run("nightly", "2026-05-03T02:00:00Z")])
    }

    @Test("whatever the clock does, runs of later times come, and none twice")
    func wildClock() throws {
        var generator = SeededGenerator(seed: 6)
        for _ in 0..<10 {
            var host = Host(try hourly(), try nightly())
            var now = try instant("2026-05-01T12:30:00Z")
            var taken: Set<String> = []
            for _ in 0..<200 {
                for run in host.call(now).set {
                    #expect(run.time <= now && taken.insert("\(run.schedule) \(run.time)").inserted)
                }
                switch Int.random(in: 0..<20, using: &generator) {
                case 0:
                    // Far ahead, for one call, and back.
                    let ahead = Double.random(in: 2 * 86400...5e7, using: &generator)
                    for run in host.call(now.addingTimeInterval(ahead)).set {
                        taken.insert("\(run.schedule) \(run.time)")
                    }
                    _ = host.call(now)
                    // Every schedule goes on soon: a run that was taken ahead of its time may be the next one.
                    var probe = host
                    let coming = [86400.0, 2 * 86400].flatMap { probe.call(now.addingTimeInterval($0)).set }
                    #expect(Set(coming.map(\.schedule)) == ["hourly", "nightly"])
                case 1:
                    // Back by less than a day, for a while.
                    let back = now.addingTimeInterval(-Double.random(in: 0..<80000, using: &generator))
                    for minutes in stride(from: 0.0, to: 200, by: 40) {
                        #expect(host.call(min(now, back.addingTimeInterval(minutes * 60))).set.isEmpty)
                    }
                default: now.addTimeInterval(Double.random(in: 0...7200, using: &generator))
                }
            }
            #expect(taken.count > 100)
        }
    }

    @Test("schedules that are due in one call share a set")
    func together() throws {
        var host = Host(try hourly(), try nightly(), try nightly("other", .skip))
        _ = try host.call("2026-05-01T12:00:00Z")
        let due = try host.call("2026-05-02T02:10:00Z")
        #expect(
            try due.set == ["hourly", "nightly", "other"].map { try run($0, "2026-05-02T02:00:00Z") })
        #expect(try due.missed == [missed("hourly", 13, "2026-05-01T13:00:00Z", "2026-05-02T01:00:00Z")])
        #expect(try host.call("2026-05-02T03:00:00Z").set == [run("hourly", "2026-05-02T03:00:00Z")])
        // A catch-up joins what is on time.
        let later = try host.call("2026-05-03T06:00:00Z")
        #expect(
            try later.set == [
                run("hourly", "2026-05-03T06:00:00Z"), run("nightly", "2026-05-03T02:00:00Z", late: true),
            ])
        #expect(later.missed.map(\.schedule) == ["hourly", "nightly", "other"])
    }

    @Test("a run waits for its delay, unless a set is taken anyway")
    func delays() throws {
        let (plain, delayed) = (try hourly(), try nightly(jitter: 3600))
        let time = try instant("2026-05-02T02:00:00Z")
        let due = delayed.dueTime(of: time, policy: "p")
        try #require(due > time.addingTimeInterval(60))
        var alone = Host(delayed)
        _ = alone.call(time.addingTimeInterval(-60))
        #expect(alone.call(due.addingTimeInterval(-1)).set.isEmpty)
        #expect(try alone.call(due).set == [run("nightly", "2026-05-02T02:00:00Z")])
        var both = Host(plain, delayed)
        _ = both.call(time.addingTimeInterval(-60))
        #expect(both.call(time).set.map(\.schedule) == ["hourly", "nightly"])
        #expect(both.call(due).set.isEmpty)
    }

    @Test("a run within its delay does not hide the one before it")
    func delayAfterMissed() throws {
        let missing = try [missed("nightly", 1, "2026-05-02T02:00:00Z", "2026-05-02T02:00:00Z")]
        let wanted = try [run("nightly", "2026-05-03T02:00:00Z")]
        var host = Host(try nightly("nightly", .skip, jitter: 3600))
        _ = try host.call("2026-05-01T12:00:00Z")
        let early = try host.call("2026-05-03T02:00:00Z")
        #expect(early.set.isEmpty && early.missed == missing)
        #expect(try host.call("2026-05-03T03:00:00Z").set == wanted)
        // Caught up, the run before takes the one within its delay along.
        host = Host(try nightly(jitter: 3600))
        _ = try host.call("2026-05-01T12:00:00Z")
        let both = try host.call("2026-05-03T02:00:00Z")
        #expect(both.set == wanted && both.missed == missing)
        #expect(try host.call("2026-05-03T03:00:00Z").set.isEmpty)
    }

    @Test("a schedule with another timing, or zone, is new: nothing of it was missed, nor is it caught up at once")
    func changed() throws {
        for rule in MissedRunRule.allCases {
            var host = Host(try nightly("s", rule))
            _ = try host.call("2026-05-01T12:00:00Z")
            #expect(try host.call("2026-05-02T02:00:00Z").set == [run("s", "2026-05-02T02:00:00Z")])
            host.schedules = [try Schedule(id: "s", timing: .cron("0 1-8 * * *"), missedRuns: rule)]
            let first = try host.call("2026-05-02T09:00:00Z")
            #expect(first.set.isEmpty && first.missed.isEmpty)
            #expect(try first.handled["s"]?.expectedAfter == instant("2026-05-02T08:55:00Z"))
            let second = try host.call("2026-05-03T01:00:00Z")
            #expect(try second.set == [run("s", "2026-05-03T01:00:00Z")] && second.missed.isEmpty)
            host.schedules = [
                try Schedule(
                    id: "s", timing: .cron("0 1-8 * * *"), zone: Zone(named: "America/New_York"), missedRuns: rule)
            ]
            #expect(try host.call("2026-05-03T08:30:00Z").set.isEmpty)
            #expect(try host.call("2026-05-03T09:00:00Z").set == [run("s", "2026-05-03T09:00:00Z")])
            // What does not change when it runs changes nothing else.
            host.schedules[0] = try Schedule(
                id: "s", timing: host.schedules[0].timing, zone: host.schedules[0].zone, jitter: .seconds(60))
            #expect(try host.call("2026-05-03T10:01:00Z").set == [run("s", "2026-05-03T10:00:00Z")])
        }
    }

    @Test("a run between the change and the call that sees it is taken")
    func changedInBetween() throws {
        var host = Host(try nightly("s"))
        _ = try host.call("2026-05-01T12:00:00Z")
        _ = try host.call("2026-05-02T02:55:00Z")
        host.schedules = [try Schedule(id: "s", timing: .cron("0 3 * * *"))]
        #expect(try host.call("2026-05-02T03:00:30Z").set == [run("s", "2026-05-02T03:00:00Z")])
        #expect(try host.call("2026-05-02T03:05:00Z").set.isEmpty)
    }

    @Test("a clock that was far ahead when a schedule was new does not keep its sets from being expected")
    func newAhead() throws {
        var host = Host(try nightly("s"))
        _ = try host.call("2038-05-01T12:00:00Z")
        let now = try instant("2026-05-01T12:00:00Z")
        #expect(host.handled["s"]?.expectedAfter != nil && host.handled["s"]?.notExpected(at: now) == nil)
        _ = host.call(now)
        #expect(host.handled["s"]?.expectedAfter == nil)
    }

    @Test("what an earlier version remembered goes on, whatever the timing was")
    func unknownTiming() throws {
        var host = Host(try nightly())
        let text = #"{"through":"2026-05-01T02:00:00Z","setAside":[]}"#
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        host.handled["nightly"] = try decoder.decode(HandledRuns.self, from: Data(text.utf8))
        #expect(try host.call("2026-05-02T02:00:00Z").set == [run("nightly", "2026-05-02T02:00:00Z")])
        #expect(host.handled["nightly"]?.timing == "0 2 * * * UTC" && host.handled["nightly"]?.expectedAfter == nil)
    }

    @Test("what is remembered survives storage")
    func stored() throws {
        var handled = HandledRuns(newAt: try instant("2026-05-01T12:00:00Z"))
        handled.setAside = [try instant("2031-01-01T02:00:00Z")]
        #expect(try JSONDecoder().decode(HandledRuns.self, from: JSONEncoder().encode(handled)) == handled)
    }
}
