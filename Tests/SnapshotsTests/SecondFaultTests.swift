import SetModel
import Simulation
import Testing

@testable import Snapshots

/// A fault in `create`, and then another one at whatever is done about it.
@Suite struct SecondFaultTests {
    private static func firsts() async throws -> [Strike] {
        try await Strike.inCreate([.two]).filter { !$0.kind.endsEngine }
            + Strike.inCreate([.raw]).filter { $0.kind == .fails && $0.step.actor == .cutter }
    }

    @Test("create: a fault in the undo is told, and a later recover repairs", arguments: try await firsts())
    func twoFaults(first: Strike) async throws {
        let reference = try first.bench()
        reference.host.inject(first.fault)
        _ = try? await reference.create(first.layout.targets, name: "new")
        for (index, step) in reference.host.trace.enumerated() where index > first.index {
            for kind in step.kinds {
                let comment: Comment = "\(first.comment), then \(kind.rawValue) at \(index) \"\(step)\""
                try await strike(first, Fault(kind, at: .index(index)), comment)
            }
        }
    }

    private func strike(_ first: Strike, _ second: Fault, _ comment: Comment) async throws {
        let bench = try first.bench()
        let before = bench.host.state
        bench.host.inject(first.fault, second)
        var error: SnapshotError?
        do { try await bench.create(first.layout.targets, name: "new") } catch let thrown as SnapshotError {
            error = thrown
        }
        #expect(bench.host.struck == [first.fault, second], comment)
        bench.host.clearFaults()
        let isComplete = bench.host.sets.contains { $0.name == "new" && $0.state == .complete }
        if let error, !second.kind.endsEngine {
            // Whatever is left is told of.
            let isUndone = bench.host.state == before
            #expect(isUndone || error.code == .partial || !error.undoFailures.isEmpty, "\(comment): \(error)")
            #expect(error.code != .partial || isComplete, "\(comment): \(error)")
            #expect(error.undoFailures.isEmpty || error.code == .stillFrozen, "\(comment): \(error)")
        } else if !second.kind.endsEngine {
            #expect(isComplete, comment)
        }
        #expect(try await bench.recover().failures == [], comment)
        // Nothing that was half-done is left; a set that was complete stayed so.
        if bench.host.sets.contains(where: { $0.name == "new" }) { try await bench.delete("new") }
        bench.expectOrder(comment)
        try await bench.expectUsable(first.layout.targets, state: before, comment)
    }

    @Test("create: what cannot be released stays the first thing to be told", arguments: ["thaw /b", "resume vg0/a"])
    func stuck(step: String) async throws {
        let bench = try Bench(Layout.two.host())
        let before = bench.host.state
        bench.host.inject(Fault(.fails, at: .every(step)))
        let error = await #expect(throws: SnapshotError.self) { try await bench.create(Layout.two.targets) }
        #expect(error?.code == .stillFrozen)
        #expect(error?.undoFailures.isEmpty == false)
        #expect(bench.host.violations == [])
        #expect(bench.host.leftBehind == [(step.split(separator: " ").last ?? "") + " still stands"])
        // No other run makes it worse.
        for run in [{ try await bench.create(["/a"]) as Any }, { try await bench.delete("x") as Any }] {
            let error = await #expect(throws: SnapshotError.self) { _ = try await run() }
            #expect(error?.code == .stillFrozen)
        }
        #expect(try await bench.recover().failures.isEmpty == false)
        #expect(bench.host.violations == [])
        bench.host.clearFaults()
        let report = try await bench.recover()
        #expect(report.failures == [])
        #expect(report.thawed + report.resumed != [])
        #expect(report.removed.count == 2)
        #expect(bench.host.state == before)
        bench.expectOrder("\(step)")
    }
}
