import Hooks
import SetModel
import Simulation
import SystemPackage
import Testing

@testable import Snapshots

/// How the hooks of a set ended is in its tags: whoever lost the catalog still knows it.
@Suite struct ScriptStatusTests {
    private struct Steps: Quiescing {
        func quiesce(attempt: Int) async -> HookReport {
            let step = HookResult(stage: .pre, attempt: attempt, name: "run", status: .succeeded)
            return HookReport(steps: [step], isQuiesced: true, isClean: true)
        }

        func release(consistency: Consistency?) async -> HookReport {
            HookReport(
                steps: [HookResult(stage: .post, attempt: 1, name: "run", status: .failed, exitCode: 1)],
                isClean: false)
        }

        func end() async {}
    }

    @Test("reindex finds it, once")
    func lostCatalog() async throws {
        let bench = try Bench(Layout.two.host())
        let storage = SimulatedStorage(bench.host) { _ in Steps() }
        let engine = Engine(storage: storage, runDirectory: bench.scratch.path, now: { Bench.now }) {
            try storage.openCatalog(forWriting: $0)
        }
        let step = HookStep(id: "run", command: .shell("true"))
        let document = HookDocument(name: "doc", file: "/none", format: .stillpoint, pre: [step], post: [step])
        var request = CreateRequest(targets: ["/a", "/b"], name: "one")
        request.hooks = HookRequest(document: document)
        let error = await #expect(throws: SnapshotError.self) {
            try await engine.create(request, progress: NoProgress())
        }
        #expect(error?.code == .partial)
        let progress = NoProgress()
        // What the catalog knows of the hooks says all of it already.
        #expect(try await engine.reindex(progress: progress).written == [])
        bench.host.loseCatalog()
        for written in [["one"], []] {
            #expect(try await engine.reindex(progress: progress).written == written)
            let set = try await engine.show("one")
            #expect(set.hooks == [])
            #expect(set.scriptStatus(.pre) == .success)
            #expect(set.scriptStatus(.post) == .failed)
        }
    }
}
