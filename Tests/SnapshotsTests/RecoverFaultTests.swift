import SetModel
import Simulation
import Testing

@testable import Snapshots

/// Faults in `recover` itself, after whatever death.
@Suite struct RecoverFaultTests {
    @Test(
        "recover: after a death in create, a fault in recover, and recover again",
        arguments: try await Strike.inCreate([.two]).filter { $0.kind == .engineDies }
            + Strike.inCreate([.raw]).filter { $0.kind == .everythingDies })
    func afterCreate(strike: Strike) async throws {
        try await check(strike) { bench in
            bench.host.inject()
        } dying: { bench in
            try await bench.create(strike.layout.targets, name: "new")
        }
    }

    @Test(
        "recover: after a death in delete, a fault in recover, and recover again",
        arguments: try await Strike.inDelete([.two]).filter { $0.kind == .engineDies || $0.kind == .powerCut })
    func afterDelete(strike: Strike) async throws {
        try await check(strike) { bench in
            try await bench.create(strike.layout.targets, name: "old")
            try await bench.create(strike.layout.targets, name: "new")
        } dying: { bench in
            try await bench.delete("new")
        }
    }

    private func check(
        _ strike: Strike, prepare: (Bench) async throws -> Void, dying: (Bench) async throws -> Void
    ) async throws {
        /// A host on which a run died.
        func dead() async throws -> Bench {
            let bench = try Bench(strike.layout.host())
            try await prepare(bench)
            bench.host.inject(strike.fault)
            await #expect(throws: SnapshotError.self) { try await dying(bench) }
            bench.host.inject()
            return bench
        }
        let reference = try await dead()
        let report = try await reference.recover()
        let trace = reference.host.trace
        #expect(report.failures == [], strike.comment)
        reference.expectOrder(strike.comment)
        // What was released and removed is in the report.
        let removals = trace.filter { $0.name.hasPrefix("remove ") && $0.name.hasSuffix("commit 1") }
        #expect(report.removed.count == removals.count, strike.comment)
        #expect(try await reference.recover().isEmpty, strike.comment)
        let after = try await settled(reference, strike)

        for (index, step) in trace.enumerated() {
            for kind in step.kinds {
                let comment: Comment = "\(strike.comment), then \(kind.rawValue) at \(index) \"\(step)\""
                let bench = try await dead()
                bench.host.inject(Fault(kind, at: .index(index)))
                let first = try? await bench.recover()
                let hasFailed = first?.failures.isEmpty == false
                #expect(first == nil || hasFailed, comment)
                bench.host.clearFaults()
                #expect(try await bench.recover().failures == [], comment)
                bench.expectOrder(comment)
                try await bench.expectAgreement(comment)
                #expect(try await settled(bench, strike) == after, comment)
            }
        }
    }

    /// What lasts, after an LVM command that was killed was finished by the next one in its pool.
    private func settled(_ bench: Bench, _ strike: Strike) async throws -> [String] {
        try await bench.create(strike.layout.targets, name: "next")
        try await bench.delete("next")
        return bench.host.state.map(\.withoutNumbers).sorted()
    }
}

extension String {
    /// Thin ids, UUIDs and what the writer wrote differ from run to run.
    fileprivate var withoutNumbers: String {
        split(separator: " ").filter { !$0.contains(where: \.isNumber) || $0.contains("/") && !$0.contains("_sp_") }
            .joined(separator: " ")
    }
}
