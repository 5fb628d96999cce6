import GuardProtocol
import Hooks
import SetModel
import SystemPackage
import Testing

@testable import Snapshots

@Suite struct FailsafeTests {
    @Test(
        "of what the guard tells, the deadline and the watcher's release are failsafes",
        arguments: GuardFailure.Step.allCases)
    func guardFailures(step: GuardFailure.Step) {
        let error = GuardSession.explain(GuardFailure(step, "/srv"), isCut: true)
        #expect((error as? SnapshotError)?.failsafe == ([.deadline, .failsafe].contains(step) ? .freeze : nil))
    }
}

/// A supervisor that let applications go by itself.
private struct Impatient: Quiescing {
    func quiesce(attempt: Int) async -> HookReport { HookReport(isQuiesced: true) }
    func release(consistency: Consistency?) async -> HookReport { HookReport(isClean: true, hasFired: true) }
    func end() async {}
}

extension FailsafeTests {
    @Test("applications that were let go too early")
    func applications() async throws {
        let document = HookDocument(name: "shop", file: "/shop.yaml", format: .stillpoint)
        var applications = Applications(HookRequest(document: document), Impatient()) {
        } thaw: { _ in
            []
        }
        try await applications.quiesce(isRequired: false, NoProgress())
        #expect(applications.failsafe == nil)
        await applications.release(.filesystem)
        #expect(applications.failsafe == .hooks && applications.releaseFailed)
    }
}
