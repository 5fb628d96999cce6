import Hooks
import SetModel
import Simulation
import SystemPackage
import Testing

@testable import Snapshots

/// A set whose run is interrupted before its hooks are begun: applications run as before, and nothing else is said.
@Suite struct HookInterruptionTests {
    private struct Unbegun: Quiescing {
        func quiesce(attempt: Int) async -> HookReport { HookReport(isClean: false) }
        func release(consistency: Consistency?) async -> HookReport {
            Issue.record("nothing is at rest")
            return HookReport()
        }
        func end() async {}
    }

    private func request(mayFreeze: Bool) -> CreateRequest {
        let step = HookStep(id: "run", command: .shell("true"))
        let document = HookDocument(
            name: "doc", file: "/none", format: .stillpoint, pre: [step], post: [step], mayFreeze: mayFreeze)
        var request = CreateRequest(targets: ["/a", "/b"], name: "one")
        request.hooks = HookRequest(document: document, retries: 1)
        return request
    }

    @Test("while the supervisor starts", arguments: [false, true])
    func beforePre(mayFreeze: Bool) async throws {
        let bench = try Bench(Layout.two.host())
        let before = bench.host.state
        let storage = SimulatedStorage(bench.host) { _ in
            withUnsafeCurrentTask { $0?.cancel() }
            return Unbegun()
        }
        let engine = Engine(storage: storage, runDirectory: bench.scratch.path, now: { Bench.now }) {
            try storage.openCatalog(forWriting: $0)
        }
        let request = request(mayFreeze: mayFreeze)
        let run = Task { try await engine.create(request, progress: WatchingProgress(host: bench.host)) }
        let error = await #expect(throws: SnapshotError.self) { try await run.value }
        #expect(error?.code == .failed && error?.message == "the run was interrupted", "\(error as Any)")
        #expect(error?.causes == [] && error?.failsafe == nil, "\(error as Any)")
        #expect(error?.set?.hooks == [])
        #expect(bench.host.state == before)
        bench.expectOrder("interrupted")
    }
}
