import SetModel
import Simulation
import Testing

@testable import Snapshots

/// A fault of every kind at every step of `create`.
@Suite struct CreateFaultTests {
    private static func ending(_ strike: Strike) -> Ending {
        if strike.kind.endsEngine { return .nothing }
        if strike.kind == .guardDies { return .error(.failed) }
        if strike.step.name.hasPrefix("lock ") { return .error(.busy) }
        // The guard tries once more.
        if strike.step.name.hasPrefix("resume ") { return .done }
        // Only in case that the run dies next.
        if strike.step.name == "save catalog as staged" { return .done }
        return .error(strike.step.name == "save catalog" ? .partial : .failed)
    }

    @Test("create: what a fault at a step leads to", arguments: try await Strike.inCreate(Layout.all))
    func oneFault(strike: Strike) async throws {
        let bench = try strike.bench()
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
        case (.done, .success(let set)):
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
}
