import SetModel
import Simulation
import Testing

@testable import Snapshots

/// `list`, `show`, `volumes`.
@Suite struct ReadingTests {
    @Test("nothing yet")
    func empty() async throws {
        let bench = try Bench(Layout.two.host())
        #expect(try await bench.engine().list() == [])
        let error = await #expect(throws: SnapshotError.self) { try await bench.engine().show("none") }
        #expect(error?.code == .usage)
    }

    @Test("a set is found by its name and by its id, and not by a part of them")
    func find() async throws {
        let bench = try Bench(Layout.two.host())
        let set = try await bench.create(["/a"], name: "mine")
        #expect(try await bench.engine().show("mine") == set)
        #expect(try await bench.engine().show(set.id) == set)
        for other in ["min", "MINE", String(set.id.dropLast()), ""] {
            let error = await #expect(throws: SnapshotError.self) { try await bench.engine().show(other) }
            #expect(error?.code == .usage)
        }
    }

    @Test("two sets of one name are told apart by their ids")
    func ambiguous() async throws {
        let bench = try Bench(Layout.two.host())
        let set = try await bench.create(["/a"], name: "mine")
        // A volume group that was imported brings its own names.
        var other = set
        other.id = String(repeating: "f", count: 32)
        try SimulatedStorage(bench.host).openCatalog(forWriting: true).save(other)
        for verb in [
            { _ = try await bench.engine().show("mine") }, { try await bench.delete("mine") },
        ] as [() async throws -> Void] {
            let error = await #expect(throws: SnapshotError.self) { try await verb() }
            #expect(error?.code == .usage)
            #expect(error?.message.contains("names several sets") == true)
        }
        #expect(try await bench.engine().show(set.id) == set)
        try await bench.delete(other.id)
        #expect(try await bench.engine().show("mine") == set)
    }

    @Test("LVM decides what there is; the catalog adds what was measured")
    func merge() async throws {
        let bench = try Bench(Layout.two.host())
        let set = try await bench.create(["/a", "/b"], name: "mine")
        let catalog = try SimulatedStorage(bench.host).openCatalog(forWriting: true)
        try catalog.remove(id: set.id)
        var plain = set
        for index in plain.members.indices { plain.members[index].frozenMs = nil }
        #expect(try await bench.engine().list() == [plain])
        // What the catalog claims of state and members is not believed.
        var wrong = set
        wrong.state = .staged
        wrong.members.removeLast()
        wrong.name = "other"
        try catalog.save(wrong)
        var half = plain
        half.members[0].frozenMs = set.members[0].frozenMs
        #expect(try await bench.engine().list() == [half])
    }

    @Test(
        "a set that lost a member is degraded; one that lost all is still shown",
        arguments: [[1], [2], [1, 2], [1, 2, 3]])
    func degraded(lost: [Int]) async throws {
        let bench = try Bench(Layout.three.host())
        let set = try await bench.create(Layout.three.targets, name: "mine")
        for index in lost { bench.host.removeFromOutside(set.members[index - 1].snapshot) }
        let shown = try await bench.engine().show("mine")
        #expect(shown.state == .degraded)
        #expect(shown.memberCount == 3)
        #expect(shown.members.map(\.index) == [1, 2, 3].filter { !lost.contains($0) })
        // It is nobody's leftover.
        #expect(try await bench.recover().isEmpty)
        #expect(try await bench.engine().show("mine") == shown)
    }

    @Test("volumes: those that can be members, and how many sets have them")
    func volumes() async throws {
        let bench = try Bench(TargetTests.host())
        try await bench.create(["vg0/a", "/many"])
        try await bench.create(["vg0/a"])
        let volumes = try await bench.engine().volumes()
        #expect(volumes.map(\.volume) == ["vg0/a", "vg0/b", "vg1/half", "vg1/m1", "vg1/m2"])
        #expect(volumes.map(\.sets) == [2, 0, 0, 1, 1])
        #expect(volumes[0].mountPoints == ["/a", "/mnt/again"])
        #expect(volumes[0].filesystem == "ext4")
        #expect(volumes[0].poolDataPercent == 10)
    }
}
