import Hooks
import SetModel
import Simulation
import Synchronization
import SystemPackage
import Testing

@testable import Snapshots

/// Hook documents that freeze file systems themselves and leave some so: thawed before anything else is done, under
/// LVM's locks, and told.
@Suite struct LeftFrozenTests {
    /// `/a` and `/b` are in the set, `/c` is of another volume group.
    private struct Trial {
        let bench: Bench
        let warnings = Warnings()
        var host: SimulatedHost { bench.host }

        init() throws { bench = try Bench(Layout.three.host()) }

        @discardableResult
        func create(_ script: Script, mayFreeze: Bool = true, retries: Int = 0) async throws -> SnapshotSet {
            let storage = SimulatedStorage(host) { [host] _ in ScriptedHooks(host, script) }
            let engine = Engine(storage: storage, runDirectory: bench.scratch.path, now: { Bench.now }) {
                try storage.openCatalog(forWriting: $0)
            }
            let step = HookStep(id: "run", command: .shell("true"))
            let document = HookDocument(
                name: "doc", file: "/none", format: .stillpoint, pre: [step], post: [step], mayFreeze: mayFreeze)
            var request = CreateRequest(targets: ["/a", "/b"], name: "one")
            request.hooks = HookRequest(document: document, retries: retries)
            return try await engine.create(request, progress: warnings.watching(host))
        }
    }

    @Test("what post leaves frozen of the set is thawed and told; what somebody else froze stays")
    func member() async throws {
        let trial = try Trial()
        let error = await #expect(throws: SnapshotError.self) {
            try await trial.create(Script(freezes: ["/a", "/b"], thaws: ["/b"], freezesForOthers: ["/c"]))
        }
        #expect(error?.code == .partial)
        #expect(error?.causes == ["hook document doc left /a frozen; thawed now"])
        #expect(trial.host.frozen == ["/c"])
        trial.bench.expectOrder("a member")
    }

    @Test("when post fails, what it froze outside of the set is thawed, too")
    func others() async throws {
        let trial = try Trial()
        let error = await #expect(throws: SnapshotError.self) {
            try await trial.create(Script(freezes: ["/a", "/b", "/c"], thaws: ["/a"], postFails: true))
        }
        #expect(error?.code == .partial)
        #expect(
            error?.causes == [
                "hook document doc: post step run failed with exit code 202",
                "hook document doc left /b and /c frozen; thawed now",
            ])
        #expect(trial.host.frozen == [])
        trial.bench.expectOrder("the others")
    }

    @Test("what a failed attempt leaves frozen is thawed before the next one, and before anybody is told")
    func attempts() async throws {
        for attempts in [1, 2] {
            let trial = try Trial()
            let error = await #expect(throws: SnapshotError.self) {
                try await trial.create(
                    Script(freezes: ["/a", "/c"], thaws: [], postFails: true, failedAttempts: attempts), retries: 1)
            }
            #expect(error?.code == .partial)
            #expect(error?.causes.contains("hook document doc left /a and /c frozen; thawed now") == true)
            #expect(Set(error?.causes ?? []).count == error?.causes.count)
            #expect(trial.warnings.all.count == (attempts == 2 ? 1 : 0))
            #expect(trial.host.frozen == [])
            trial.bench.expectOrder("\(attempts) attempts")
        }
    }

    @Test("a freeze is nobody's business whose document freezes nothing")
    func notFreezing() async throws {
        let trial = try Trial()
        let set = try await trial.create(Script(freezesForOthers: ["/a"]), mayFreeze: false)
        #expect(set.consistency == .application)
        #expect(trial.host.frozen == ["/a"])
        #expect(trial.host.violations == [])
    }

    @Test("the cut fails, and post: everything is thawed, nothing is left, and applications are told of")
    func failedCut() async throws {
        for (mayFreeze, postFails) in [(true, true), (false, true), (false, false)] {
            let trial = try Trial()
            let before = trial.host.state
            trial.host.inject(Fault(.fails, at: .first("create_snap vg0/a")))
            let script = Script(freezes: mayFreeze ? ["/a", "/c"] : [], thaws: [], postFails: postFails)
            let error = await #expect(throws: SnapshotError.self) {
                try await trial.create(script, mayFreeze: mayFreeze)
            }
            #expect(error?.code == (postFails ? .applications : .failed))
            #expect(error?.causes.contains("post step run failed with exit code 202") == postFails)
            #expect(error?.causes.contains("hook document doc left /a and /c frozen; thawed now") == mayFreeze)
            #expect(trial.host.state == before && trial.host.frozen == [])
            trial.bench.expectOrder("a failed cut")
        }
    }

    @Test("a step whose failure does not count is told when everything runs again")
    func goesOn() async throws {
        let trial = try Trial()
        let set = try await trial.create(Script(freezes: ["/a"], thaws: ["/a"], preGoesOn: true))
        #expect(set.consistency == .filesystem)
        #expect(
            trial.warnings.all == [
                "the set will not be application-consistent: hook document doc: pre step run failed with exit code 1"
            ])
        trial.bench.expectOrder("a step that goes on")
    }
}

/// What a document does.
private struct Script: Sendable {
    var freezes: [String] = []
    var thaws: [String] = []
    /// Frozen by somebody else when `post` is over.
    var freezesForOthers: [String] = []
    var postFails = false
    /// So many attempts fail.
    var failedAttempts = 0
    /// `pre` fails, and the document does not care.
    var preGoesOn = false
}

private actor ScriptedHooks: Quiescing {
    private let host: SimulatedHost
    private let script: Script

    init(_ host: SimulatedHost, _ script: Script) {
        self.host = host
        self.script = script
    }

    func quiesce(attempt: Int) -> HookReport {
        host.freezeByDocument(script.freezes)
        let fails = attempt <= script.failedAttempts
        let code: Int32 = fails || script.preGoesOn ? 1 : 0
        var report = HookReport(steps: [result(.pre, attempt, code)], isQuiesced: !fails, isClean: code == 0)
        if fails { report.steps.append(post(attempt)) }
        return report
    }

    func release(consistency: Consistency?) -> HookReport {
        let step = post(1)
        return HookReport(steps: [step], isClean: step.status == .succeeded)
    }

    func end() {}

    private func post(_ attempt: Int) -> HookResult {
        host.thawByDocument(script.thaws)
        for mountPoint in script.freezesForOthers { host.freezeFromOutside(mountPoint) }
        return result(.post, attempt, script.postFails ? 202 : 0)
    }

    private func result(_ stage: HookStage, _ attempt: Int, _ code: Int32) -> HookResult {
        HookResult(
            stage: stage, attempt: attempt, name: "run", status: code == 0 ? .succeeded : .failed, exitCode: code)
    }
}

/// What a person is told.
private final class Warnings: Sendable {
    private let texts = Mutex<[String]>([])
    var all: [String] { texts.withLock { $0 } }

    func watching(_ host: SimulatedHost) -> any Progress {
        Listener(warnings: self, base: WatchingProgress(host: host))
    }

    private struct Listener: Progress {
        let warnings: Warnings
        let base: WatchingProgress

        func step(_ text: String) { base.step(text) }
        func warn(_ text: String) {
            base.warn(text)
            warnings.texts.withLock { $0.append(text) }
        }
    }
}
