import SetModel
import Simulation
import Testing

@testable import Snapshots

/// Sets that are there twice, since their volume group was copied.
@Suite struct AmbiguityTests {
    private static let once = "once"
    private static let twice = "twice"

    /// A set in `vg1`, and one in `vg0` that is in `vg9` too; or in a group that LVM shows before the copied one.
    private func bench(copy: String) async throws -> Bench {
        let host = SimulatedHost()
        for (group, point) in [("vg0", "/a"), ("vg1", "/b")] {
            host.addPool("\(group)/pool")
            host.addMounted("\(group)/v", "\(group)/pool", "ext4", point)
        }
        let bench = try Bench(host)
        try await bench.create(["/a"], name: Self.twice)
        try await bench.create(["/b"], name: Self.once)
        host.copyGroup("vg0", to: copy)
        return bench
    }

    @Test("nothing deletes, mounts or changes it until one of the two is gone", arguments: ["vg9", "vg-"])
    func refused(copy: String) async throws {
        let bench = try await bench(copy: copy)
        let before = bench.host.state
        let set = try await bench.engine().show(Self.twice)
        #expect(set.state == .complete)
        func expectRefusal(_ what: String, _ body: () async throws -> Void) async {
            let error = await #expect(throws: SnapshotError.self, "\(what)") { try await body() }
            #expect(error?.code == .refused)
            for group in ["vg0", copy] {
                #expect(error?.message.contains("\(group)/v_sp_") == true, "\(what): \(error?.message ?? "")")
            }
        }
        await expectRefusal("delete") { try await bench.delete(Self.twice) }
        await expectRefusal("mount") {
            _ = try await bench.engine().mount(MountRequest(set: Self.twice), progress: NoProgress())
        }
        await expectRefusal("hold") {
            _ = try await bench.engine().change(
                Self.twice, .hold(SetHold(reason: "audit")), progress: NoProgress())
        }
        #expect(bench.host.state == before)
        #expect(try await bench.engine().inventory().ambiguous == [set.id])
        // It keeps no other.
        let results = try await bench.delete([Self.twice, Self.once])
        #expect((try? results[0].get()) == nil)
        #expect(try results[1].get().name == Self.once)
        bench.host.removeGroup(copy)
        #expect(try await bench.engine().inventory().ambiguous == [])
        try await bench.delete(Self.twice)
        #expect(bench.host.sets == [])
        bench.expectOrder("copied to \(copy)")
    }

    @Test("recover leaves it, too")
    func recover() async throws {
        let bench = try await bench(copy: "vg9")
        bench.host.removeGroup("vg9")
        bench.host.inject(Fault(.engineDies, at: .first("remove from catalog")))
        _ = try? await bench.delete(Self.twice)
        bench.host.clearFaults()
        bench.host.copyGroup("vg0", to: "vg9")
        let before = bench.host.state
        #expect(try await bench.recover().failures == [])
        #expect(bench.host.state == before)
        #expect(bench.host.sets.map(\.state).contains(.deleting))
        bench.host.removeGroup("vg9")
        #expect(try await bench.recover().failures == [])
        #expect(bench.host.sets.map(\.name) == [Self.once])
    }
}
