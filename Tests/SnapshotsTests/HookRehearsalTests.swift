import Hooks
import SetModel
import Simulation
import SystemPackage
import TestSupport
import Testing

@testable import Snapshots

/// A document that is run without a set: that no step failed is not all there is to success.
@Suite struct HookRehearsalTests {
    private struct Reports: Quiescing {
        var quiesced = HookReport(isQuiesced: true)
        var released = HookReport()

        func quiesce(attempt: Int) async -> HookReport { quiesced }
        func release(consistency: Consistency?) async -> HookReport { released }
        func end() async {}
    }

    private let post = HookResult(stage: .post, attempt: 1, name: "run", status: .succeeded)

    private func rehearse(
        _ bench: Bench, pre: String = "true", _ start: @escaping @Sendable (HookPlan) throws -> any Quiescing
    ) async throws -> [HookResult] {
        let storage = SimulatedStorage(bench.host, startHooks: start)
        let engine = Engine(storage: storage, runDirectory: bench.scratch.path, now: { Bench.now }) {
            try storage.openCatalog(forWriting: $0)
        }
        let document = HookDocument(
            name: "doc", file: "/none", format: .stillpoint, pre: [HookStep(id: "rest", command: .shell(pre))],
            post: [HookStep(id: "run", command: .shell("true"))])
        return try await engine.rehearse(HookRequest(document: document))
    }

    /// What is said of these reports.
    private func failure(_ reports: Reports) async throws -> SnapshotError? {
        let bench = try Bench(Layout.one.host())
        do {
            _ = try await rehearse(bench) { _ in reports }
            bench.expectOrder("no failure")
            return nil
        } catch {
            bench.expectOrder("\(error)")
            return error as? SnapshotError
        }
    }

    @Test("all that was to be done was done")
    func done() async throws {
        #expect(try await failure(Reports(released: HookReport(steps: [post])))?.code == nil)
        // Of a step that failed its result tells.
        let step = HookResult(stage: .pre, attempt: 1, name: "rest", status: .failed, exitCode: 1)
        #expect(try await failure(Reports(quiesced: HookReport(steps: [step, post], isClean: false)))?.code == nil)
    }

    @Test("the supervisor died, or the time was over: no step failed, and it is no success")
    func incomplete() async throws {
        let died = try await failure(Reports(quiesced: HookReport(steps: [post], isClean: false, hasFired: true)))
        #expect(died?.code == .hook && died?.message == "hook document doc: its supervisor died")
        #expect(died?.causes == ["post step run succeeded"])
        let gone = try await failure(Reports(quiesced: HookReport(isClean: false, hasFired: true)))
        #expect(gone?.code == .hook && gone?.causes == ["post was not run as a whole"])
        let late = try await failure(Reports(released: HookReport(steps: [post], hasFired: true)))
        #expect(late?.code == .hook)
        #expect(late?.message == "hook document doc: its time was over before post was asked for")
    }

    @Test("interrupted before anything was begun, or when pre had just ended")
    func interrupted() async throws {
        let finished = Reports(released: HookReport(steps: [post], isClean: false))
        for (reports, causes) in [
            (Reports(quiesced: HookReport(isClean: false)), []), (finished, ["post step run succeeded"]),
        ] as [(Reports, [String])] {
            let bench = try Bench(Layout.one.host())
            let run = Task {
                try await rehearse(bench) { _ in
                    withUnsafeCurrentTask { $0?.cancel() }
                    return reports
                }
            }
            let error = await #expect(throws: SnapshotError.self) { try await run.value }
            #expect(error?.code == .failed && error?.message == "the run was interrupted")
            #expect(error?.causes == causes)
            bench.expectOrder("interrupted")
        }
    }

    @Test(
        "a step kills its supervisor: post is run, and it is told",
        .enabled(if: Built.stillpoint != nil, "needs the program beside the test bundle"))
    func killed() async throws {
        let bench = try Bench(Layout.one.host())
        let directory = bench.scratch.path
        let error = await #expect(throws: SnapshotError.self) {
            try await rehearse(bench, pre: "kill -KILL $PPID; sleep 5") { plan in
                try HookSession(
                    plan, record: directory.appending(plan.run + HookRecord.suffix),
                    executable: FilePath(try #require(Built.stillpoint)))
            }
        }
        #expect(error?.code == .hook && error?.causes == ["post step run succeeded"], "\(error as Any)")
        bench.expectOrder("a dead supervisor")
    }
}
