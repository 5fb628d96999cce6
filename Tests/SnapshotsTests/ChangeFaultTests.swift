import SetModel
import Simulation
import Testing

@testable import Snapshots

/// A fault at every step of a change to a set: what counts is whole, old or new, and doing it again ends it.
@Suite struct ChangeFaultTests {
    private static let hold = SetChange.hold(SetHold(reason: "audit"))

    /// The steps of a change of a set of three, as they are without a fault.
    private static func steps() async throws -> [Step] {
        let bench = try Bench(Layout.three.host())
        _ = try await bench.create(Layout.three.targets, name: "new")
        let before = bench.host.trace.count
        _ = try await bench.engine().change("new", hold, progress: NoProgress())
        return Array(bench.host.trace.dropFirst(before))
    }

    @Test("change: whatever dies or fails, the set is as it was, or as it should be")
    func oneFault() async throws {
        var tried = 0
        for step in try await Self.steps() where step.name.hasPrefix("retag ") {
            for kind in [Fault.Kind.fails, .failsAfterwards, .engineDies, .workerDies] {
                let bench = try Bench(Layout.three.host())
                let set = try await bench.create(Layout.three.targets, name: "new")
                bench.host.inject(Fault(kind, at: .first(step.name)))
                _ = try? await bench.engine().change("new", Self.hold, progress: NoProgress())
                bench.host.clearFaults()
                bench.host.finishKilledCommands()
                let found = try #require(try await bench.engine().list().first { $0.name == "new" })
                #expect(found.hold == nil || found.hold?.reason == "audit")
                #expect(found.members.map(\.snapshotUUID) == set.members.map(\.snapshotUUID))
                let again = try await bench.engine().change("new", Self.hold, progress: NoProgress())
                #expect(again.hold?.reason == "audit")
                #expect(try await bench.engine().list().first { $0.name == "new" }?.hold?.reason == "audit")
                #expect(bench.host.violations.isEmpty, "\(kind) at \(step.name)")
                await #expect(throws: SnapshotError.self) { try await bench.delete("new") }
                tried += 1
            }
        }
        #expect(tried == 12)
    }

    @Test("a set that lost its first member still has what was said of it")
    func degraded() async throws {
        let bench = try Bench(Layout.three.host())
        let set = try await bench.create(Layout.three.targets, name: "new")
        _ = try await bench.engine().change("new", Self.hold, progress: NoProgress())
        _ = try await bench.engine().change(
            "new", .tags(adding: ["a": "b"], removing: []), progress: NoProgress())
        bench.host.removeFromOutside(set.members[0].snapshot)
        let found = try await bench.engine().show("new")
        #expect(found.state == .degraded && found.hold?.reason == "audit" && found.tags == ["a": "b"])
        let released = try await bench.engine().change("new", .unhold, progress: NoProgress())
        #expect(released.hold == nil)
        try await bench.delete("new")
        #expect(bench.host.violations.isEmpty)
    }
}
