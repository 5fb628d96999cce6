import SetModel
import Simulation
import Testing

@testable import Snapshots

/// A fault of every kind at every step of `create`.
@Suite struct CreateFaultTests {
    /// How `create` ends when one thing goes wrong.
    private enum Ending: Equatable {
        case complete
        case error(SnapshotError.Code)
        /// Whoever asked is dead.
        case nothing
    }

    private static func ending(_ strike: Strike) -> Ending {
        if strike.kind.endsEngine { return .nothing }
        if strike.kind == .guardDies { return .error(.failed) }
        if strike.step.name.hasPrefix("lock ") { return .error(.busy) }
        // The guard tries once more.
        if strike.step.name.hasPrefix("resume ") { return .complete }
        return .error(strike.step.name == "save catalog" ? .partial : .failed)
    }

    private static func strikes() async throws -> [Strike] {
        try await Strike.all(Layout.all, Self.prepare) { bench, layout in
            try await bench.create(layout.targets, name: "new")
        }
    }

    private static func prepare(_ bench: Bench, _ layout: Layout) async throws {
        try await bench.create(layout.targets, name: "old")
    }

    @Test("create: what a fault at a step leads to", arguments: try await strikes())
    func oneFault(strike: Strike) async throws {
        let bench = try Bench(strike.layout.host())
        try await Self.prepare(bench, strike.layout)
        let before = bench.host.state
        let catalog = bench.host.catalog
        bench.host.inject(strike.fault)
        let result: Result<SnapshotSet, any Error>
        do { result = .success(try await bench.create(strike.layout.targets, name: "new")) } catch {
            result = .failure(error)
        }
        #expect(bench.host.struck == [strike.fault])
        bench.host.clearFaults()
        var isComplete = bench.host.sets.contains { $0.name == "new" && $0.state == .complete }
        switch (Self.ending(strike), result) {
        case (.complete, .success(let set)):
            #expect(set.state == .complete)
            #expect(isComplete)
            #expect(bench.host.catalog.contains(set))
        case (.error(let code), .failure(let error)):
            let error = try #require(error as? SnapshotError)
            #expect(error.code == code, "\(error)")
            #expect(error.undoFailures == [])
            #expect(!error.message.isEmpty)
            #expect(isComplete == (code == .partial))
            if code != .partial {
                #expect(bench.host.state == before)
                #expect(bench.host.catalog == catalog)
            }
        case (.nothing, .failure):
            let report = try await bench.recover()
            #expect(report.failures == [])
            isComplete = bench.host.sets.contains { $0.name == "new" && $0.state == .complete }
            #expect(isComplete == (strike.step.name == "save catalog"))
            if !isComplete { #expect(bench.host.state == before) }
        default:
            Issue.record("\(Self.ending(strike)) was expected, and this came: \(result)")
        }
        bench.expectOrder(strike.comment)
        try await bench.expectAgreement(strike.comment)
        try await bench.expectUsable(strike.layout.targets, state: bench.host.state, strike.comment)
    }

    /// A fault, and then another one at whatever is done about it.
    @Test(
        "create: a second fault in the undo is told, and a later recover repairs",
        arguments: try await strikes().filter {
            ["3 volumes in 3 groups", "a raw volume in use, and a file system"].contains($0.layout.testDescription)
                && !$0.kind.endsEngine
        })
    func twoFaults(first: Strike) async throws {
        let reference = try Bench(first.layout.host())
        try await Self.prepare(reference, first.layout)
        reference.host.inject(first.fault)
        _ = try? await reference.create(first.layout.targets, name: "new")
        let trace = reference.host.trace
        for (index, step) in trace.enumerated() where index > first.index {
            for kind in step.kinds {
                let second = Fault(kind, at: .index(index))
                try await twoFaults(first, second, "\(first.comment), then \(kind.rawValue) at \(index) \"\(step)\"")
            }
        }
    }

    private func twoFaults(_ first: Strike, _ second: Fault, _ comment: Comment) async throws {
        let bench = try Bench(first.layout.host())
        try await Self.prepare(bench, first.layout)
        let before = bench.host.state
        bench.host.inject(first.fault, second)
        var error: SnapshotError?
        do { try await bench.create(first.layout.targets, name: "new") } catch let thrown as SnapshotError {
            error = thrown
        }
        #expect(bench.host.struck == [first.fault, second], comment)
        bench.host.clearFaults()
        let isComplete = bench.host.sets.contains { $0.name == "new" && $0.state == .complete }
        if !second.kind.endsEngine, !isComplete {
            // Whatever is left is told of.
            let error = try #require(error, comment)
            let isUndone = bench.host.state == before
            #expect(isUndone || !error.undoFailures.isEmpty, "\(comment): \(error)")
            #expect(error.undoFailures.isEmpty || error.code == .stillFrozen, "\(comment): \(error)")
        }
        #expect(try await bench.recover().failures == [], comment)
        let remains = bench.host.sets.contains { $0.name == "new" && $0.state == .complete }
        if remains {
            try await bench.delete("new")
        }
        bench.expectOrder(comment)
        try await bench.expectUsable(first.layout.targets, state: before, comment)
    }
}
