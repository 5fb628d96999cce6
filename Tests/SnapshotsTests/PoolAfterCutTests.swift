import LinuxSystem
import SetModel
import Simulation
import Testing

@testable import Snapshots

/// What a pool says after the cut, and what becomes of the set.
@Suite struct PoolAfterCutTests {
    private static let pool = DeviceNumber(major: 253, minor: 7)

    /// Lines as `pool_status` in drivers/md/dm-thin.c writes them.
    @Test(
        "a pool is trusted only when it takes writes and has LVM's transaction id",
        arguments: [
            ("4 10/1024 5/2048 - rw discard_passdown queue_if_no_space - 1024", nil),
            ("4 10/1024 5/2048 100 rw no_discard_passdown error_if_no_space - 1024", nil),
            ("5 10/1024 5/2048 - rw discard_passdown queue_if_no_space - 1024", "the kernel's is 5"),
            ("4 10/1024 5/2048 - ro discard_passdown queue_if_no_space needs_check 1024", "read-only"),
            ("4 10/1024 5/2048 - ro discard_passdown queue_if_no_space - 1024", "read-only"),
            ("4 10/1024 5/2048 - rw discard_passdown queue_if_no_space needs_check 1024", "read-only"),
            ("4 10/1024 5/2048 - out_of_data_space discard_passdown queue_if_no_space - 1024", "out of data space"),
            ("Fail", "unknown"), ("Error", "unknown"), ("", "unknown"), (nil, "unknown"),
        ] as [(String?, String?)])
    func lines(status: String?, told: String?) {
        let problem = PoolAfterCut.problem(of: Self.pool, recorded: 4, status: status)
        #expect((problem == nil) == (told == nil))
        #expect(problem?.contains(told ?? "") ?? true)
        #expect(problem?.contains("253:7") ?? true)
    }

    @Test(
        "create: a pool that cannot commit a snapshot makes the set fail, and nothing is left",
        arguments: Layout.all)
    func commitFails(layout: Layout) async throws {
        let trial = try Bench(layout.host())
        try await trial.create(layout.targets, name: "trial")
        let cuts = trial.host.trace.map(\.name).filter { $0.hasPrefix("create_snap ") }
        // The kernel refuses a message that comes after, so the last one is what nobody would notice.
        for step in cuts {
            let bench = try Bench(layout.host())
            try await bench.create(layout.targets, name: "old")
            let before = bench.host.state
            bench.host.interfere(before: step, .failCommit(String(step.dropFirst("create_snap ".count))))
            let error = await #expect(throws: SnapshotError.self, "\(step)") {
                try await bench.create(layout.targets, name: "new")
            }
            // LVM removes nothing from a pool that is read-only, and says so.
            #expect(error?.code == .stillFrozen)
            #expect(error?.undoFailures.isEmpty == false)
            #expect(bench.host.standing == [])
            #expect(!bench.host.sets.contains { $0.name == "new" && $0.state == .complete })
            #expect(bench.host.catalog.map(\.name) == ["old"])
            bench.host.repairPools()
            #expect(try await bench.recover().failures == [])
            #expect(bench.host.state == before)
            bench.expectOrder("\(step)")
            try await bench.expectUsable(layout.targets, state: before, "\(step)")
        }
    }
}
