import Foundation
import SetModel
import Testing

@testable import Lifecycle
@testable import Policies

/// What is remembered of schedules that fail.
struct PolicyTroubleMemoryTests {
    private let now = Date(timeIntervalSince1970: 1_795_428_600)

    private func policy(_ ids: String...) throws -> Policy {
        Policy(
            id: "shop", targets: PolicyTargets(any: ["vg0"]),
            schedules: try ids.map {
                PolicySchedule(
                    schedule: try Schedule(id: $0, timing: .every("1h")), retain: try RetainRule(count: 1))
            })
    }

    private func fail(
        _ memory: inout PolicyMemory, _ ids: [String], _ text: String = "x", runs: [String: Date] = [:],
        after seconds: Double = 0
    ) {
        memory.noteFailure(
            SnapshotError(.failed, text), of: ids, runs: runs, isRetry: false, hookAttempts: 1, at: now + seconds)
    }

    @Test("a set ends the trouble of its own schedules, and hides none of another")
    func several() throws {
        var memory = PolicyMemory()
        memory.handled = ["hourly": HandledRuns(newAt: now), "nightly": HandledRuns(newAt: now)]
        for day in 1...3 {
            fail(&memory, ["nightly"], "no hooks", after: Double(day) * 86_400)
            memory.noteSuccess(nil, of: ["hourly"], isRetry: false, at: now)
            #expect(memory.failures == day)
        }
        #expect(memory.problem == "schedule nightly: no hooks" && memory.problemAt == now + 86_400)
        fail(&memory, ["hourly"], "full", after: 400_000)
        #expect(memory.problem == "schedule hourly: full; schedule nightly: no hooks")
        fail(&memory, ["hourly"], "no hooks", after: 500_000)
        #expect(memory.problem == "schedules hourly, nightly: no hooks")
        memory.noteSuccess(nil, of: ["nightly"], isRetry: false, at: now)
        #expect(memory.failures == 2 && memory.problemAt == now + 400_000)
        memory.noteSuccess(nil, of: ["hourly", "nightly"], isRetry: false, at: now)
        #expect(memory.failures == 0 && memory.problem == nil && memory.problemAt == nil)
    }

    @Test("a schedule that the policy no longer has is forgotten with its failures")
    func removed() throws {
        var memory = PolicyMemory()
        for _ in 1...4 { fail(&memory, ["nightly"]) }
        fail(&memory, ["hourly"])
        #expect(memory.failures(of: try policy("hourly", "nightly")) == 4)
        #expect(memory.failures(of: try policy("hourly", "weekly")) == 1)
        memory.forgetTroubles(butOf: try policy("weekly"))
        #expect(memory.problem == nil && memory.failures == 0)
    }

    @Test("a run that is tried again is the same failure, also beside one that is new")
    func retried() {
        var memory = PolicyMemory()
        let runs = ["a": now, "b": now]
        fail(&memory, ["a"], runs: runs)
        memory.noteTry("a", now, at: now)
        fail(&memory, ["a", "b"], runs: runs)
        #expect(memory.troubles.mapValues(\.failures) == ["a": 1, "b": 1])
        // Two sets of one run that a person asked for.
        let before = memory
        for _ in 1...2 { fail(&memory, ["a"]) }
        memory.countOneRun(after: before)
        #expect(memory.troubles.mapValues(\.failures) == ["a": 2, "b": 1])
    }

    @Test("what a person tried is told, and is no failure of a schedule")
    func byHand() {
        var memory = PolicyMemory()
        for _ in 1...3 {
            memory.noteFailure(
                SnapshotError(.failed, "x"), of: ["monthly"], byHand: true, isRetry: false, hookAttempts: 1, at: now)
        }
        #expect(memory.failures == 0 && memory.problem == "x")
        memory.noteNothingToDo(of: ["monthly"])
        #expect(memory.problem == nil)
    }

    @Test("a journal of an earlier version: any set ends the trouble of the policy, and no file does")
    func old() throws {
        func read(_ handled: String) throws -> PolicyMemory {
            let text = #"{"failures": 2, "problem": "full", "problemAt": 5, "handled": \#(handled)}"#
            return try JSONDecoder().decode(PolicyMemory.self, from: Data(text.utf8))
        }
        let runs = #"{"through": 0, "setAside": []}"#
        var memory = try read(#"{"a": \#(runs), "b": \#(runs)}"#)
        #expect(memory.failures == 2 && memory.problem == "full")
        #expect(memory.problemAt == Date(timeIntervalSinceReferenceDate: 5))
        memory.noteSuccess(nil, of: ["a"], isRetry: false, at: now)
        #expect(memory.failures == 0 && memory.problem == nil)
        memory = try read("{}")
        memory.forgetTroubles(butOf: try policy("a", "b"))
        #expect(memory.failures == 2 && memory.problem == "full")
        memory.noteSuccess(nil, of: ["a"], isRetry: false, at: now)
        #expect(memory.failures == 0 && memory.problem == nil)
    }

    @Test("a policy that was away begins where it is, unless it was for a moment", arguments: [3600.0, 3601])
    func back(seconds: Double) throws {
        let policy = try policy("a")
        var memory = PolicyMemory()
        memory.handled = ["a": HandledRuns(newAt: now - 20 * 86_400)]
        memory.noteReturn(of: policy, at: now)
        #expect(!DueRuns(policy: policy, handled: memory.handled, now: now).missed.isEmpty)
        memory.goneSince = now - seconds
        memory.noteReturn(of: policy, at: now)
        #expect(memory.goneSince == nil)
        let due = DueRuns(policy: policy, handled: memory.handled, now: now)
        #expect(due.missed.isEmpty == (seconds > 3600) && due.set.isEmpty == (seconds > 3600))
    }
}
