import FoundationEssentials
import Hooks
import Lifecycle
import Policies
import SetModel
import Simulation
import Snapshots
import SystemPackage
import Testing

@testable import Commands

/// What others do between a plan and its deletions.
struct InterferenceTests {
    private struct Silence: Progress {
        func step(_ text: String) {}
        func warn(_ text: String) {}
    }

    enum Event: CaseIterable {
        case nothing, newestDeleted, newestAdopted, newestDisowned, newestTrashed, newestLosesMember
        case oldAdopted, oldDisowned, oldTrashed

        var plannedSetsStay: Bool { self != .nothing }
    }

    /// Three sets; the rule wants the newest one only.
    private func host(trash: Bool) async throws -> PolicyHost {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        func policy(_ count: Int) throws {
            try host.policy(
                "shop", "- {id: hourly, create: {every: 1h}, retain: {count: \(count)}}",
                more: trash ? "trash: 3h" : "")
        }
        try policy(3)
        _ = await host.run("run")
        for _ in 0..<3 {
            host.pass(3600)
            #expect(await host.run("run").code == .done)
        }
        try policy(1)
        return host
    }

    private func happen(_ event: Event, to sets: [SnapshotSet], _ host: PolicyHost) async throws {
        let engine = host.engine()
        let adopted = SetChange.adopt(policy: "other", schedules: ["x"], expiresAt: nil)
        let trashed = SetChange.trash(until: sets[2].createdAt + 86400)
        func change(_ positions: Int..., by change: SetChange) async throws {
            for position in positions {
                _ = try await engine.change(sets[position].id, change, progress: Silence())
            }
        }
        switch event {
        case .nothing: break
        case .newestDeleted: _ = try await engine.delete([sets[2].id], progress: Silence())
        case .newestAdopted: try await change(2, by: adopted)
        case .newestDisowned: try await change(2, by: .disown)
        case .newestTrashed: try await change(2, by: trashed)
        case .newestLosesMember: host.host.removeFromOutside(sets[2].members[1].snapshot)
        case .oldAdopted: try await change(0, 1, by: adopted)
        case .oldDisowned: try await change(0, 1, by: .disown)
        case .oldTrashed: try await change(0, 1, by: trashed)
        }
    }

    @Test(
        "what a plan lets go stays when what was planned on is no longer so", arguments: Event.allCases, [false, true])
    func between(event: Event, trash: Bool) async throws {
        let host = try await host(trash: trash)
        let service = host.engine()
        let folder = PolicyFolder(host.directory.appending("etc").appending("policies.d"))
        let runner = PolicyRunner(
            service: service, library: HookLibrary([]), policies: try folder.read().entries.map(\.policy),
            configuration: HostConfiguration(), progress: Silence(),
            now: try #require(host.host.sets.map(\.createdAt).max()))
        let plan = try await runner.plan([:], try await service.inventory())
        let sets = host.host.sets.sorted { $0.createdAt < $1.createdAt }
        #expect(plan.leaving.map(\.set.id) == sets.prefix(2).map(\.id))

        try await happen(event, to: sets, host)
        let before = host.host.state
        let report = await runner.prune(plan)
        #expect(report.failures.all.map(\.error.code) == (event.plannedSetsStay ? [.refused, .refused] : []))
        // What stays since something changed is no deletion that failed.
        var memories: [String: PolicyMemory] = [:]
        memories.count(report, of: plan, known: ["shop"])
        let deletions = memories["shop"]?.counters.deletions ?? PolicyCounters.Attempts()
        #expect(deletions.failed == 0 && deletions.completed == (event.plannedSetsStay || trash ? 0 : 2))
        if event.plannedSetsStay {
            #expect(!report.didAnything)
            #expect(host.host.state == before)
            for failure in report.failures.all { #expect(failure.error.message.contains("plan anew")) }
        } else {
            #expect((trash ? report.trashed : report.deleted) == sets.prefix(2).map(\.name))
        }
        // The next call has seen it, and leaves a complete set.
        let next = await host.run("prune")
        #expect(next.code == .done, "\(next)")
        #expect(host.host.sets.contains { $0.policy == "shop" && $0.state == .complete && $0.purgeAt == nil })
        #expect(host.host.violations.isEmpty)
    }

    @Test("of many sets each one that stays is told of, and those that may go, go")
    func some() async throws {
        let host = try await host(trash: false)
        let sets = host.host.sets.sorted { $0.createdAt < $1.createdAt }
        func premise(_ successors: [SnapshotSet]) -> DeletionPremise {
            DeletionPremise(
                policy: "shop", schedules: ["hourly"], state: .complete, expiresAt: nil, purgeAt: nil,
                successors: Swift.Set(successors.map(\.id)))
        }
        let ids = sets.map(\.id)
        let premises = [ids[0]: premise([sets[2]]), ids[1]: premise([sets[0]])]
        let results = try await host.engine().delete(
            [ids[0], ids[1]], expecting: premises, progress: Silence())
        #expect(try results[0].get().id == ids[0])
        // An older one takes nobody's place.
        let kept = #expect(throws: SnapshotError.self) { try results[1].get() }
        #expect(
            kept?.message == "set \(sets[1].name) stays: the newer ones that were to stay are gone by now; plan anew")
        #expect(host.host.sets.map(\.id).sorted() == ids.dropFirst().sorted())
    }
}
