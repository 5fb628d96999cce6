import Foundation
import SetModel
import SystemPackage
import Testing

@testable import Lifecycle
@testable import Policies

/// What is counted, and what journals of earlier versions say.
final class PolicyCountersTests {
    private let directory: FilePath
    private let now = Date(timeIntervalSince1970: 1_795_428_600)

    init() throws {
        var template = Array("/tmp/stillpoint-journal-XXXXXX".utf8CString)
        directory = FilePath(String(cString: try #require(mkdtemp(&template))))
    }

    deinit { try? FileManager.default.removeItem(atPath: directory.string) }

    @Test("a journal without counters is read, and one with them comes back as it was")
    func journal() throws {
        let file = directory.appending("policies.json").string
        try #"{"shop": {"failures": 2, "handled": {}, "problem": "full"}, "new": {"counters": {"missedRuns": 3}}}"#
            .write(toFile: file, atomically: false, encoding: .utf8)
        #expect(chmod(file, 0o600) == 0)
        let journal = PolicyJournal(directory: directory)
        var memories = try journal.read()
        #expect(memories["shop"]?.failures == 2 && memories["shop"]?.problem == "full")
        #expect(memories["shop"]?.counters == PolicyCounters() && memories["shop"]?.lastSuccess == nil)
        #expect(memories["new"]?.counters.missedRuns == 3 && memories["new"]?.handled.isEmpty == true)
        memories["shop"]?.noteSuccess(set(), of: ["h"], isRetry: false, at: now)
        memories["shop"]?.lastRunSeconds = 1.5
        memories["shop"]?.firstSeen = now
        try journal.write(memories)
        #expect(try journal.read() == memories)
    }

    private func set(_ hooks: [HookResult] = []) -> SnapshotSet {
        SnapshotSet(
            id: "a", name: "a", state: .complete, createdAt: now, frozenWindowMs: 41.5,
            memberCount: 1, members: [], hooks: hooks)
    }

    @Test("a set that is tried again is started once, and fails each time; a run that fails is one failure")
    func retries() {
        var memory = PolicyMemory()
        memory.noteFailure(SnapshotError(.failed, "x"), of: ["h"], isRetry: false, volumes: 2, hookAttempts: 1, at: now)
        memory.noteFailure(
            SnapshotError(.failed, "y"), of: ["h"], isRetry: true, volumes: 2, hookAttempts: 1, at: now + 300)
        #expect(memory.failures == 1 && memory.problem == "y" && memory.problemAt == now)
        memory.noteFailure(
            SnapshotError(.failed, "z"), of: ["h"], isRetry: false, volumes: 2, hookAttempts: 1, at: now + 3600)
        #expect(memory.failures == 2 && memory.problem == "z" && memory.problemAt == now)
        memory.noteSuccess(set(), of: ["h"], isRetry: true, at: now)
        var creations = PolicyCounters.Attempts()
        (creations.started, creations.completed, creations.failed) = (2, 1, 3)
        #expect(memory.counters.creations == creations && memory.counters.resourcesTargeted == 4)
        #expect(memory.failures == 0 && memory.problem == nil && memory.problemAt == nil)
        #expect(memory.lastSuccess == now && memory.lastFrozenWindowMs == 41.5)
        memory.noteSuccess(set(), of: ["h"], isRetry: false, at: now)
        #expect(memory.counters.resourcesTargeted == 5)
    }

    @Test("missed runs are one until they are told, and survive storage")
    func untold() throws {
        var memory = PolicyMemory()
        memory.noteMissed(DueRuns.Missed(schedule: "h", count: 2, first: now, last: now + 3600))
        memory.noteMissed(DueRuns.Missed(schedule: "h", count: 1, first: now + 7200, last: now + 7200))
        #expect(memory.untold == ["h": DueRuns.Missed(schedule: "h", count: 3, first: now, last: now + 7200)])
        #expect(memory.counters.missedRuns == 3)
        memory.noteTry("h", now, at: now + 60)
        memory.toldProblem = "x"
        memory.troubles = ["h": PolicyTrouble(failures: 2, problem: "x", since: now)]
        #expect(try JSONDecoder().decode(PolicyMemory.self, from: JSONEncoder().encode(memory)) == memory)
    }

    @Test("what is set aside counts until the file itself is written")
    func setAside() throws {
        let run = directory.appending("run")
        let journal = PolicyJournal(directory: directory, aside: run)
        var memory = PolicyMemory()
        try journal.write(["shop": memory])
        memory.troubles["h"] = PolicyTrouble(failures: 1, problem: "something may stand still", since: now)
        let file = try Data(contentsOf: URL(fileURLWithPath: directory.appending("policies.json").string))
        try journal.setAside(["shop": memory])
        #expect(journal.isSetAside)
        #expect(try journal.read() == ["shop": memory])
        #expect(try Data(contentsOf: URL(fileURLWithPath: directory.appending("policies.json").string)) == file)
        #expect(try PolicyJournal(directory: directory).read() == ["shop": PolicyMemory()])
        try journal.write(["shop": memory])
        #expect(!journal.isSetAside)
        #expect(try journal.read() == ["shop": memory])
        #expect(try FileManager.default.contentsOfDirectory(atPath: run.string).isEmpty)
    }

    @Test("each attempt of a hook document counts; one that skips a set failed in all of them")
    func hooks() {
        var memory = PolicyMemory()
        memory.noteSuccess(
            set([
                HookResult(stage: .pre, attempt: 1, name: "a", status: .succeeded),
                HookResult(stage: .hold, attempt: 1, name: "b", status: .timedOut),
                HookResult(stage: .post, attempt: 1, name: "c", status: .failed),
                HookResult(stage: .pre, attempt: 2, name: "a", status: .succeeded),
                HookResult(stage: .hold, attempt: 2, name: "b", status: .succeeded),
                HookResult(stage: .post, attempt: 2, name: "c", status: .succeeded),
                HookResult(stage: .post, attempt: 2, name: "d", status: .succeeded),
            ]), of: ["h"], isRetry: false, at: now)
        var attempts = PolicyCounters.Attempts()
        attempts.count(succeeded: false)
        attempts.count(succeeded: true)
        #expect(memory.counters.preScripts == attempts && memory.counters.postScripts == attempts)
        memory.noteFailure(
            SnapshotError(.hook, "no set was taken"), of: ["h"], isRetry: false, hookAttempts: 3, at: now)
        #expect(memory.counters.preScripts.started == 5 && memory.counters.preScripts.failed == 4)
        // What the error tells counts for itself: also of post, and of a set that failed for another reason.
        var error = SnapshotError(.hook, "no set was taken")
        error.set = set([
            HookResult(stage: .pre, attempt: 1, name: "a", status: .failed),
            HookResult(stage: .post, attempt: 1, name: "c", status: .failed),
            HookResult(stage: .pre, attempt: 2, name: "a", status: .succeeded),
        ])
        memory.noteFailure(error, of: ["h"], isRetry: false, hookAttempts: 3, at: now)
        #expect(memory.counters.preScripts.started == 7 && memory.counters.preScripts.failed == 5)
        #expect(memory.counters.postScripts.started == 3 && memory.counters.postScripts.failed == 2)
        error.code = .failed
        memory.noteFailure(error, of: ["h"], isRetry: false, hookAttempts: 3, at: now)
        #expect(memory.counters.postScripts.failed == 3)
    }

    @Test("a late run is given up when it was tried for an hour, however long the policy is in trouble")
    func givenUp() {
        var memory = PolicyMemory()
        memory.noteFailure(SnapshotError(.failed, "x"), of: ["h"], isRetry: false, hookAttempts: 1, at: now - 90_000)
        func run(_ time: Date, late: Bool = true) -> DueRuns.Run { .init(schedule: "s", time: time, isCatchUp: late) }
        let time = now - 20_000
        #expect(!memory.hasGivenUp(run(time)))
        memory.noteTry("s", time, at: now)
        memory.noteTry("s", time, at: now + 3600)
        #expect(!memory.hasGivenUp(run(time)))
        memory.noteTry("s", time, at: now + 3601)
        #expect(memory.hasGivenUp(run(time)))
        #expect(!memory.hasGivenUp(run(time, late: false)))
        #expect(!memory.hasGivenUp(run(time + 1)))
        memory.noteTry("s", time + 1, at: now + 3602)
        #expect(!memory.hasGivenUp(run(time + 1)))
    }

    @Test("failsafes that fired, whether there is a set or not")
    func failsafe() {
        var memory = PolicyMemory()
        var error = SnapshotError(.failed, "the guard died")
        memory.noteFailure(error, of: ["h"], isRetry: false, hookAttempts: 1, at: now)
        memory.noteSuccess(set(), of: ["h"], isRetry: false, at: now)
        #expect(memory.counters.failsafeFirings == 0)
        error.failsafe = .freeze
        memory.noteFailure(error, of: ["h"], isRetry: true, hookAttempts: 1, at: now)
        memory.noteSuccess(nil, of: ["h"], hasFired: true, isRetry: true, at: now)
        #expect(memory.counters.failsafeFirings == 2)
    }
}
