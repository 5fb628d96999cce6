import SetModel
import Simulation
import Testing

@testable import Snapshots

/// Faults in `recover` itself, after whatever death.
@Suite struct RecoverFaultTests {
    @Test("recover: sets whose deletion it finishes are told, and those that it gives up are not")
    func deleted() async throws {
        let bench = try Bench(Layout.two.host())
        try await bench.create(Layout.two.targets, name: "old")
        bench.host.inject(Fault(.engineDies, at: .first("remove from catalog")))
        await #expect(throws: SnapshotError.self) { try await bench.delete("old") }
        bench.host.clearFaults()
        let report = try await bench.recover()
        #expect(report.deleted.map(\.name) == ["old"] && report.deleted.map(\.members.count) == [2])
        bench.host.inject(Fault(.engineDies, at: .first("freeze /a")))
        await #expect(throws: SnapshotError.self) { try await bench.create(Layout.two.targets, name: "new") }
        bench.host.clearFaults()
        let other = try await bench.recover()
        #expect(other.removed.count == 2 && other.deleted == [])
    }

    private static func deaths() async throws -> [Strike] {
        try await Strike.inCreate([.two]).filter { $0.kind == .engineDies }
            + Strike.inCreate([.raw]).filter { $0.kind == .everythingDies }
            + Strike.inDelete([.two]).filter { $0.kind == .engineDies || $0.kind == .powerCut }
    }

    @Test(
        "recover: after a death in create or delete, a fault in recover, and recover again",
        arguments: try await deaths())
    func fault(strike: Strike) async throws {
        let dead = try strike.bench()
        dead.host.inject(strike.fault)
        let isDeletion = dead.host.sets.contains { $0.name == "new" }
        await #expect(throws: SnapshotError.self) {
            if isDeletion {
                try await dead.delete("new")
            } else {
                try await dead.create(strike.layout.targets, name: "new")
            }
        }
        dead.host.inject()

        let reference = try Bench(dead.host.copy())
        let report = try await reference.recover()
        let trace = reference.host.trace
        #expect(report.failures == [], strike.comment)
        reference.expectOrder(strike.comment)
        // What was removed is in the report, and a second time there is nothing to do.
        let removals = trace.filter { $0.name.hasPrefix("remove ") && $0.name.hasSuffix("commit 1") }
        #expect(report.removed.count == removals.count, strike.comment)
        #expect(try await reference.recover().isEmpty, strike.comment)
        reference.host.finishKilledCommands()

        for (index, step) in trace.enumerated() {
            for kind in step.kinds {
                let comment: Comment = "\(strike.comment), then \(kind.rawValue) at \(index) \"\(step)\""
                let bench = try Bench(dead.host.copy())
                bench.host.inject(Fault(kind, at: .index(index)))
                let first = try? await bench.recover()
                let isTold = first.map { !$0.failures.isEmpty || !$0.problems.isEmpty } ?? true
                #expect(isTold, comment)
                bench.host.clearFaults()
                #expect(try await bench.recover().failures == [], comment)
                bench.expectOrder(comment)
                try await bench.expectAgreement(comment)
                bench.host.finishKilledCommands()
                #expect(bench.host.state == reference.host.state, comment)
            }
        }
    }
}
