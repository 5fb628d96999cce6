import Foundation
import Hooks
import SetModel
import Simulation
import Synchronization
import SystemPackage
import Testing

@testable import Snapshots

/// What becomes of a set whose hooks go wrong half-way: the engine, over simulated volumes, with hooks that do as they
/// are told.
@Suite struct HookAttemptTests {
    typealias Setting = HookTrialSetting

    @Test(
        "an attempt that fails and one that succeeds: application, unless a post between them failed",
        arguments: Setting.allCases, [[], [1], [2], [1, 2]] as [[Int]])
    func retries(setting: Setting, failedPosts: [Int]) async throws {
        let trial = try HookTrialHost()
        let error = await trial.create(Script(failedAttempts: 1, failedPosts: failedPosts), setting, retries: 1)
        let set = trial.host.sets.first
        guard !failedPosts.isEmpty else {
            #expect(error?.code == nil && set?.consistency == .application)
            #expect(trial.warnings.all == [])
            return
        }
        let isRequired = setting == .required
        #expect(error?.code == (isRequired ? .hook : .partial))
        #expect(set?.consistency == (isRequired ? nil : .filesystem))
        #expect(error.map { "\($0)" }?.contains("post step run failed with exit code 202") == true, "\(error as Any)")
        trial.expectOrder()
    }

    @Test(
        "a document's freeze that is over before the cut is none",
        arguments: Setting.allCases, [[], ["/b"]] as [[String]])
    func lostFreeze(setting: Setting, lost: [String]) async throws {
        let trial = try HookTrialHost()
        let script = Script(freezes: ["/a", "/b"])
        for point in lost { trial.host.interfere(before: "confirm staged", .thaw(point)) }
        let error = await trial.create(script, setting, mayFreeze: true)
        let set = trial.host.sets.first
        if lost.isEmpty {
            #expect(error?.code == nil && set?.consistency == .application)
        } else {
            #expect(error?.code == (setting == .required ? .hook : .partial))
            #expect(set?.consistency == (setting == .required ? nil : .filesystem))
            let reason = "hook document doc: its freeze of /b was over before the cut"
            #expect(error.map { "\($0)" }?.contains(reason) == true, "\(error as Any)")
        }
        #expect(trial.host.frozen == [])
        trial.expectOrder()
    }

    @Test("without a post, everything that may be frozen is thawed, also outside of the set")
    func withoutPost() async throws {
        let trial = try HookTrialHost()
        let error = await trial.create(
            Script(freezes: ["/a", "/c"]), .crashConsistent, mayFreeze: true, hasPost: false)
        #expect(error?.code == .partial)
        #expect(error?.causes == ["hook document doc left /a and /c frozen; thawed now"])
        #expect(trial.host.frozen == [])
        trial.expectOrder()
    }

    @Test("what the program said is told with what failed")
    func lastWords() async throws {
        let script = Script(failedAttempts: 1, says: "one\nno server answers\n\n")
        let skipped = try HookTrialHost()
        let error = await skipped.create(script, .skip)
        #expect(error?.code == .hook && error?.causes == ["no server answers"], "\(error as Any)")
        let taken = try HookTrialHost()
        #expect(await taken.create(script, .crashConsistent)?.code == nil)
        #expect(
            taken.warnings.all == [
                "the set will not be application-consistent: hook document doc: pre step run failed with exit code 1;"
                    + " it said: no server answers"
            ])
        let release = try HookTrialHost()
        let failure = await release.create(Script(failedPosts: [1], says: "still paused"), .crashConsistent)
        #expect(
            failure?.causes == ["hook document doc: post step run failed with exit code 202", "still paused"],
            "\(failure as Any)")
    }

    @Test(
        "LVM's locks are asked for again while a document that freezes is waited for, and no longer",
        arguments: [true, false])
    func renewal(mayFreeze: Bool) async throws {
        let count = Count()
        let step = HookStep(id: "run", command: .shell("true"))
        let document = HookDocument(
            name: "doc", file: "/none", format: .stillpoint, pre: [step], post: [step], mayFreeze: mayFreeze)
        var applications = Applications(HookRequest(document: document), Waiting(count: count, mayFreeze: mayFreeze)) {
            count.add()
        } thaw: { _ in
            []
        } pause: {
            await Task.yield()
            try Task.checkCancellation()
        }
        try await applications.quiesce(isRequired: false, NoProgress())
        await applications.release(.filesystem)
        let last = count.value
        #expect(mayFreeze ? last > 6 : last == 1)
        for _ in 0..<100 { await Task.yield() }
        #expect(count.value == last)
    }
}

/// How a set is asked for.
enum HookTrialSetting: CaseIterable, Sendable { case crashConsistent, skip, required }

/// What hooks do.
private struct Script: Sendable {
    var freezes: [String] = []
    /// So many, from the first one on.
    var failedAttempts = 0
    /// The attempts whose `post` fails.
    var failedPosts: [Int] = []
    /// On standard error, by a step that fails.
    var says = ""
}

/// `/a` and `/b` are in the set, `/c` is of another volume group.
private final class HookTrialHost: Sendable {
    let host = SimulatedHost()
    let warnings = Warnings()
    private let directory: FilePath

    init() throws {
        var template = Array("/tmp/stillpoint-hooks-XXXXXX".utf8CString)
        directory = FilePath(String(cString: try #require(mkdtemp(&template))))
        for group in ["vg0", "vg1"] { host.addPool(group + "/pool") }
        for (group, name) in [("vg0", "a"), ("vg0", "b"), ("vg1", "c")] {
            host.addVolume("\(group)/\(name)", pool: group + "/pool")
            host.mount("ext4", on: ["\(group)/\(name)"], at: "/" + name)
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: directory.string) }

    /// - Returns: `nil` when the set was taken and all is well.
    func create(
        _ script: Script, _ setting: HookTrialSetting, retries: Int = 0, mayFreeze: Bool = false, hasPost: Bool = true
    ) async -> SnapshotError? {
        let storage = SimulatedStorage(host) { [host] plan in ScriptedHooks(host, script, plan) }
        let engine = Engine(
            storage: storage, runDirectory: directory, now: { Date(timeIntervalSince1970: 1_795_411_031) }
        ) {
            try storage.openCatalog(forWriting: $0)
        }
        let step = HookStep(id: "run", command: .shell("true"))
        let document = HookDocument(
            name: "doc", file: "/none", format: .stillpoint, pre: [step], post: hasPost ? [step] : [],
            mayFreeze: mayFreeze)
        var request = CreateRequest(targets: ["/a", "/b"], name: "one")
        if setting == .required { request.require = .application }
        request.hooks = HookRequest(
            document: document, retries: retries, onFailure: setting == .skip ? .skip : .crashConsistent)
        do {
            _ = try await engine.create(request, progress: warnings)
            return nil
        } catch {
            return error as? SnapshotError ?? SnapshotError(.failed, "\(error)")
        }
    }

    func expectOrder(sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(host.violations == [], sourceLocation: sourceLocation)
        #expect(host.leftBehind == [], sourceLocation: sourceLocation)
    }
}

private final class Warnings: Snapshots.Progress {
    private let texts = Mutex<[String]>([])
    var all: [String] { texts.withLock { $0 } }

    func step(_ text: String) {}
    func warn(_ text: String) { texts.withLock { $0.append(text) } }
}

private actor ScriptedHooks: Quiescing {
    private let host: SimulatedHost
    private let script: Script
    private let plan: HookPlan
    private var attempt = 1

    init(_ host: SimulatedHost, _ script: Script, _ plan: HookPlan) {
        self.host = host
        self.script = script
        self.plan = plan
    }

    func quiesce(attempt: Int) -> HookReport {
        self.attempt = attempt
        host.freezeByDocument(script.freezes)
        let fails = attempt <= script.failedAttempts
        var report = HookReport(steps: [result(.pre, fails ? 1 : 0)], isQuiesced: !fails, isClean: !fails)
        if fails { report.steps += post() }
        return report
    }

    func release(consistency: Consistency?) -> HookReport {
        let steps = post()
        return HookReport(steps: steps, isClean: steps.failure == nil)
    }

    func end() {}

    private func post() -> [HookResult] {
        guard !plan.post.isEmpty else { return [] }
        host.thawByDocument(script.freezes)
        return [result(.post, script.failedPosts.contains(attempt) ? 202 : 0)]
    }

    private func result(_ stage: HookStage, _ code: Int32) -> HookResult {
        HookResult(
            stage: stage, attempt: attempt, name: "run", status: code == 0 ? .succeeded : .failed, exitCode: code,
            errors: code == 0 ? "" : script.says)
    }
}

/// How often something was asked for.
private final class Count: Sendable {
    private let number = Mutex(0)
    var value: Int { number.withLock { $0 } }

    func add() { number.withLock { $0 += 1 } }

    /// Waits until it was asked for so many times more.
    func wait(for more: Int) async {
        let end = value + more
        while value < end { await Task.yield() }
    }
}

/// Takes its time.
private struct Waiting: Quiescing {
    let count: Count
    let mayFreeze: Bool

    func quiesce(attempt: Int) async -> HookReport {
        if mayFreeze { await count.wait(for: 3) }
        return HookReport(isQuiesced: true)
    }

    func release(consistency: Consistency?) async -> HookReport {
        if mayFreeze { await count.wait(for: 3) }
        let step = HookResult(stage: .post, attempt: 1, name: "run", status: .succeeded)
        return HookReport(steps: [step])
    }

    func end() async {}
}
