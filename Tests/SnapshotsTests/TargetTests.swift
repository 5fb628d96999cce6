import SetModel
import Simulation
import Testing

@testable import Snapshots

/// What a person may type, and what volumes it means.
@Suite struct TargetTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let targets: [String]
        /// The origins of the set in its order, or why there is none.
        let expected: Result<[String], Refusal>

        init(_ targets: String..., gives volumes: [String]) {
            self.targets = targets
            expected = .success(volumes)
        }

        init(_ targets: String..., is code: SnapshotError.Code, _ words: String) {
            self.targets = targets
            expected = .failure(Refusal(code: code, words: words))
        }

        var testDescription: String { targets.joined(separator: " ") }
    }

    struct Refusal: Error {
        let code: SnapshotError.Code
        /// Part of the message.
        let words: String
    }

    static func host() -> SimulatedHost {
        let host = SimulatedHost()
        host.addPool("vg0/pool")
        host.addPool("vg1/pool")
        host.addGroup("empty")
        host.addVolume("vg0/a", pool: "vg0/pool", tags: ["db", "web"])
        host.mount("ext4", on: ["vg0/a"], at: "/a", "/mnt/again")
        host.addVolume("vg0/b", pool: "vg0/pool", tags: ["db"])
        host.mount("xfs", on: ["vg0/b"], at: "/a/b")
        host.addVolume("vg0/clone", pool: "vg0/pool", tags: ["db"], cloneOf: "0123")
        host.addVolume("vg1/m1", pool: "vg1/pool")
        host.addVolume("vg1/m2", pool: "vg1/pool")
        host.mount("btrfs", on: ["vg1/m1", "vg1/m2"], at: "/many", "/many/sub")
        host.addVolume("vg1/half", pool: "vg1/pool", isActive: true)
        host.mount("btrfs", on: ["vg1/half"], at: "/half", otherDevices: ["/dev/sda1"])
        host.addOther("vg0/thick", "a linear volume")
        host.mountElsewhere("ext4", at: "/thick")
        host.mountElsewhere("tmpfs", at: "/run")
        return host
    }

    @Test(
        "targets",
        arguments: [
            Case("/a", gives: ["vg0/a"]),
            Case("/a/deep/below", gives: ["vg0/a"]),
            Case("/mnt/again", gives: ["vg0/a"]),
            Case("/a/b", gives: ["vg0/b"]),
            Case("/a/bc", gives: ["vg0/a"]),
            Case("/dev/vg0/a", gives: ["vg0/a"]),
            Case("vg0/a", gives: ["vg0/a"]),
            Case("vg0/b", "/a", gives: ["vg0/b", "vg0/a"]),
            Case("/many", gives: ["vg1/m1", "vg1/m2"]),
            Case("vg1/m2", "vg1/m1", gives: ["vg1/m2", "vg1/m1"]),
            Case("vg0", gives: ["vg0/a", "vg0/b"]),
            Case("@db", gives: ["vg0/a", "vg0/b"]),
            Case("@db", "@web", gives: ["vg0/a", "vg0/b"]),
            Case("@web", "/a/b", gives: ["vg0/a", "vg0/b"]),
            Case("/a", "@db", gives: ["vg0/a", "vg0/b"]),
            Case("@db", "/a", gives: ["vg0/a", "vg0/b"]),
            Case("vg0", "vg0/b", gives: ["vg0/a", "vg0/b"]),
            Case(is: .usage, "no target"),
            Case("vg0/none", is: .usage, "there is no logical volume vg0/none"),
            Case("vg9", is: .usage, "there is no volume group vg9"),
            Case("", is: .usage, "there is no volume group"),
            Case("/nowhere", is: .usage, "target /nowhere"),
            Case("/dev/vg0/none", is: .usage, "target /dev/vg0/none"),
            Case("@none", is: .usage, "no thin volume carries the LVM tag none"),
            Case("@", is: .usage, "LVM tag"),
            Case("/a", "/a", is: .usage, "target /a is named twice"),
            Case("/a", "vg0/a", is: .usage, "/a and vg0/a are the same volume vg0/a"),
            Case("/a", "/mnt/again", is: .usage, "are the same volume vg0/a"),
            Case("/a/x", "/dev/vg0/a", is: .usage, "are the same volume vg0/a"),
            Case("/many", "vg1/m2", is: .usage, "/many and vg1/m2 are the same volume"),
            Case("empty", is: .refused, "volume group empty has no thin volume"),
            Case("vg0/thick", is: .refused, "vg0/thick is a linear volume, not a thin volume"),
            Case("/dev/vg0/thick", is: .refused, "/dev/vg0/thick is on vg0/thick, a linear volume, not a thin volume"),
            Case("vg0/pool", is: .refused, "vg0/pool is a thin pool"),
            Case("/thick", is: .refused, "/thick, a ext4 file system that is not on a thin volume"),
            Case("/run/user", is: .refused, "/run, a tmpfs file system"),
            Case("vg0/clone", is: .refused, "throw-away clone"),
            Case("vg1/m1", is: .refused, "/many stands on vg1/m1 and on vg1/m2"),
            Case("/half", is: .refused, "also stands on /dev/sda1"),
            Case("vg1/half", is: .refused, "stands on vg1/half and on /dev/sda1"),
        ])
    func target(item: Case) async throws {
        let bench = try Bench(Self.host())
        let before = bench.host.state
        do {
            let planned = try await bench.create(item.targets, dryRun: true)
            #expect(planned.members.map(\.volume) == (try item.expected.get()))
            #expect(bench.host.state == before)
            let set = try await bench.create(item.targets)
            #expect(set.members.map(\.volume) == (try item.expected.get()))
        } catch let error as SnapshotError {
            guard case .failure(let refusal) = item.expected else { throw error }
            #expect(error.code == refusal.code, "\(error)")
            #expect(error.message.contains(refusal.words), "\(error)")
            #expect(bench.host.state == before)
        }
        bench.expectOrder("\(item.targets)")
        #expect(bench.host.catalog.count == bench.host.sets.count)
    }

    @Test(
        "a tag that no volume carries now: one of several targets of a policy, and a mistake anywhere else",
        arguments: [
            (["@web", "@gone"], true, ["vg0/a"]), (["vg0/b", "@gone"], true, ["vg0/b"]),
            (["@gone"], true, nil), (["@gone", "@lost"], true, nil), (["@web", "@gone"], false, nil),
        ] as [([String], Bool, [String]?)])
    func idleTags(targets: [String], isOfPolicy: Bool, volumes: [String]?) async throws {
        let bench = try Bench(Self.host())
        let selection = TargetSelection(targets: targets, filter: TargetFilter(isOfPolicy: isOfPolicy))
        let result = try await bench.engine().resolve([selection])[0]
        if let volumes {
            #expect(try result.get() == volumes)
        } else {
            #expect { try result.get() } throws: {
                ($0 as? SnapshotError)?.message.contains("carries the LVM tag") == true
            }
        }
    }

    @Test("a member of a set is no target")
    func member() async throws {
        let bench = try Bench(Self.host())
        let set = try await bench.create(["/a"], name: "first")
        let error = await #expect(throws: SnapshotError.self) { try await bench.create([set.members[0].snapshot]) }
        #expect(error?.code == .refused)
        #expect(error?.message.contains("is a member of set first") == true)
        // A whole group is meant without them.
        #expect(try await bench.create(["vg0"]).members.map(\.volume) == ["vg0/a", "vg0/b"])
    }
}
