import GuardProtocol
import Hooks
import SetModel
import Simulation
import SystemPackage
import Testing

@testable import Snapshots

/// A document that freezes without saying so.
@Suite struct HookForeignFreezeTests {
    private struct Steps: Quiescing {
        func quiesce(attempt: Int) async -> HookReport { HookReport(isQuiesced: true) }
        func release(consistency: Consistency?) async -> HookReport { HookReport() }
        func end() async {}
    }

    private func applications(_ format: HookDocument.Format, mayFreeze: Bool = false) -> Applications {
        let document = HookDocument(name: "doc", file: "/none", format: format, mayFreeze: mayFreeze)
        return Applications(HookRequest(document: document), Steps()) {
        } thaw: { _ in
            []
        }
    }

    @Test("what finds a file system frozen says what the document has to be")
    func remedy() {
        // As the guard has it: with EBUSY.
        let failure = GuardSession.explain(GuardFailure(.foreignFreeze, "/a", 16), isCut: true).asSnapshotError
        for format in [HookDocument.Format.directory, .freezeHooks] {
            #expect(
                applications(format).remedy(for: failure)
                    == "hook document doc is a directory of programs, which cannot say that they freeze: if one froze it,"
                    + " run them from a YAML document with `mayFreeze: true`")
        }
        #expect(
            applications(.stillpoint).remedy(for: failure)
                == "if hook document doc froze it, it has to say `mayFreeze: true`")
        #expect(applications(.ssm, mayFreeze: true).remedy(for: failure) == nil)
        let other = GuardSession.explain(GuardFailure(.freeze, "/a", 5), isCut: true).asSnapshotError
        #expect(applications(.directory).remedy(for: other) == nil)
    }

    @Test("the cut that is refused says so, too")
    func cut() async throws {
        let bench = try Bench(Layout.two.host())
        let storage = SimulatedStorage(bench.host) { _ in Steps() }
        let engine = Engine(storage: storage, runDirectory: bench.scratch.path, now: { Bench.now }) {
            try storage.openCatalog(forWriting: $0)
        }
        // As a program of it does.
        bench.host.interfere(before: "confirm staged", .freeze("/a"))
        let document = HookDocument(name: "doc", file: "/none", format: .directory)
        var request = CreateRequest(targets: ["/a", "/b"], name: "one")
        request.hooks = HookRequest(document: document)
        let error = await #expect(throws: SnapshotError.self) {
            try await engine.create(request, progress: WatchingProgress(host: bench.host))
        }
        #expect(error?.code == .refused)
        #expect(error?.causes.contains { $0.hasPrefix("hook document doc is a directory of programs") } == true)
        #expect(bench.host.sets == [])
    }
}
