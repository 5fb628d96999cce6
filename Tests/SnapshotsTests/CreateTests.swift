import FoundationEssentials
import SetModel
import Simulation
import Synchronization
import Testing

@testable import Snapshots

/// `create` when nothing goes wrong, and when others interfere.
@Suite struct CreateTests {
    @Test("every member holds the same instant, again and again", arguments: Layout.all)
    func instants(layout: Layout) async throws {
        let bench = try Bench(layout.host())
        for round in 0..<20 {
            let set = try await bench.create(layout.targets, name: "set\(round)")
            #expect(set.state == .complete)
            #expect(set.members.map(\.index) == Array(1...set.memberCount))
            #expect(set.members.allSatisfy { $0.thinID != nil && $0.snapshotUUID != nil })
            #expect(set.frozenWindowMs ?? 0 > 0)
            #expect(set.createdAt == Bench.now)
            bench.expectOrder("round \(round)")
        }
        #expect(bench.host.catalog.count == 20)
        #expect(try await bench.engine().list() == bench.host.catalog.sorted { $0.name < $1.name })
    }

    @Test("the simulation tells a loop of lvcreate -s from a set of one instant")
    func loopOfSnapshots() async throws {
        let host = Layout.six.host()
        let storage = SimulatedStorage(host)
        let survey = try await storage.survey()
        let set = SnapshotSet(
            id: "loop", name: "loop", state: .staged, createdAt: Bench.now, memberCount: 6,
            members: survey.volumes.enumerated().map { index, volume in
                Member(
                    index: index + 1, volume: volume.name, originUUID: volume.uuid, snapshot: volume.name + "_sp",
                    sizeBytes: 1)
            })
        try await storage.stage(set)
        try await storage.complete(set)
        #expect(host.violations.contains { $0.contains("which no instant ever did") })
        #expect(host.violations.contains { $0.contains("the instant at which it was staged") })
    }

    @Test("copied tags for which there is no room are left out, and told of; those asked for are there")
    func tooManyTags() async throws {
        let host = SimulatedHost()
        host.addPool("vg0/pool")
        let long = "long=" + String(repeating: "!", count: 340)
        host.addVolume("vg0/a", pool: "vg0/pool", tags: [long, "own=of-volume"] + (10..<60).map { "t\($0)=x" })
        let bench = try Bench(host)
        var request = CreateRequest(targets: ["vg0/a"])
        request.tags = ["own": "mine", "zone": "b"]
        request.origin = SetOrigin(policy: "p", schedules: ["s"], copiedTags: ["*"])
        let progress = KeptWarnings()
        let set = try await bench.engine().create(request, progress: progress)
        #expect(set.tags.count == 45 && set.tags["own"] == "mine" && set.tags["zone"] == "b")
        #expect(set.tags.keys.filter { $0.hasPrefix("t") }.sorted() == (10..<53).map { "t\($0)" })
        #expect(progress.all.count == 1)
        #expect(progress.all.first?.hasSuffix("long, t53, t54, t55, t56, t57, t58, t59") == true, "\(progress.all)")
    }

    struct Promised: Sendable, CustomTestStringConvertible {
        let layout: Layout
        let consistency: Consistency
        let reason: String
        var testDescription: String { layout.testDescription }
    }

    @Test(
        "the consistency, and why",
        arguments: [
            Promised(layout: .one, consistency: .filesystem, reason: "its file system was frozen"),
            Promised(layout: .three, consistency: .filesystem, reason: "all 3 file systems were frozen"),
            Promised(layout: .btrfs, consistency: .filesystem, reason: "all 2 file systems were frozen"),
            Promised(layout: .inactive, consistency: .filesystem, reason: "its file system was frozen"),
            Promised(
                layout: .raw, consistency: .crash, reason: "in use without a file system that could be frozen: vg0/raw"),
            Promised(
                layout: .vfat, consistency: .crash,
                reason: "in use without a file system that could be frozen: vg0/boot"),
            Promised(
                layout: .partitions, consistency: .crash,
                reason: "in use without a file system that could be frozen: vg0/b"),
            Promised(layout: .image, consistency: .filesystem, reason: "nothing that is mounted can be written to"),
        ])
    func consistency(item: Promised) async throws {
        let bench = try Bench(item.layout.host())
        let set = try await bench.create(item.layout.targets)
        #expect(set.consistency == item.consistency)
        #expect(set.consistencyReason == item.reason)
        #expect(try await bench.engine().show(set.name) == set)
    }

    @Test("nothing in use")
    func nothingInUse() async throws {
        let host = SimulatedHost()
        host.addPool("vg0/pool")
        host.addVolume("vg0/rest", pool: "vg0/pool", isActive: false)
        host.addVolume("vg0/idle", pool: "vg0/pool", content: "ext4")
        let bench = try Bench(host)
        let set = try await bench.create(["vg0"])
        #expect(set.consistency == .filesystem)
        #expect(set.consistencyReason == "no volume was in use")
        #expect(set.members.map(\.filesystem) == ["ext4", nil])
        #expect(set.members.allSatisfy { $0.frozenMs == nil })
        bench.expectOrder("idle")
    }

    @Test("name, tags and expiry")
    func particulars() async throws {
        let bench = try Bench(Layout.two.host())
        let set = try await bench.create(
            CreateRequest(targets: ["/a"], tags: ["env": "prod", "": "ü"], expireAfter: .seconds(3600)))
        #expect(set.name == "20261123T051711Z-" + set.id.prefix(4))
        #expect(set.id.count == 32)
        #expect(set.expiresAt == Bench.now.addingTimeInterval(3600))
        #expect(set.tags == ["env": "prod", "": "ü"])
        #expect(set.members[0].snapshot == "vg0/a_sp_20261123T051711Z_" + set.id.prefix(4))
        #expect(set.members[0].filesystem == "ext4")
        #expect(set.members[0].mountPoint == "/a")
        #expect(set.members[0].frozenMs ?? 0 > 0)
    }

    @Test("a dry run changes nothing, and opens no catalog for writing")
    func dryRun() async throws {
        let bench = try Bench(Layout.three.host())
        let before = bench.host.state
        let set = try await bench.create(Layout.three.targets, name: "dry", dryRun: true)
        #expect(set.state == .staged)
        #expect(set.members.map(\.volume) == ["vg1/b", "vg2/c", "vg0/a"])
        #expect(set.members.allSatisfy { $0.snapshotUUID == nil && $0.thinID == nil })
        #expect(bench.host.state == before)
        #expect(bench.host.trace.allSatisfy { $0.actor == .reader || $0.name.hasSuffix("catalog") })
        #expect(bench.host.catalogWasOpenedForWriting == false)
    }

    // MARK: Others at work

    @Test("frozen by somebody else between probe and staging, or between staging and cut")
    func foreignFreeze() async throws {
        for (step, code) in [("stage vg0/b: suspend", SnapshotError.Code.failed), ("freeze /b", .refused)] {
            let bench = try Bench(Layout.two.host())
            bench.host.interfere(before: step, .freeze("/b"))
            let error = await #expect(throws: SnapshotError.self) { try await bench.create(["/a", "/b"]) }
            #expect(error?.code == code)
            #expect(error?.undoFailures == [])
            #expect(bench.host.sets == [])
            // Theirs to thaw.
            #expect(bench.host.frozen == ["/b"])
            bench.expectOrder("\(step)")
        }
    }

    @Test("a phantom snapshot is told, and never a member of a set")
    func phantom() async throws {
        let bench = try Bench(Layout.two.host())
        bench.host.interfere(before: "stage vg0/b: suspend", .suspend("vg0/b"))
        let error = await #expect(throws: SnapshotError.self) { try await bench.create(["/a", "/b"]) }
        // LVM refuses every other command in this pool: a person must look.
        #expect(error?.code == .stillFrozen)
        #expect(error?.undoFailures.isEmpty == false)
        #expect(bench.host.violations == ["lvcreate -s of vg0/b, which is suspended: a phantom"])
        #expect(bench.host.leftBehind == [])
        #expect(try await bench.engine().list().map(\.state) == [.staged])
    }

    @Test(
        "a staged snapshot that somebody removes before the cut, or after it", arguments: ["confirm staged", "verify"])
    func removedMeanwhile(step: String) async throws {
        let bench = try Bench(Layout.two.host())
        let before = bench.host.state
        bench.host.interfere(before: step, .removeSnapshot(of: "vg0/b"))
        let error = await #expect(throws: SnapshotError.self) { try await bench.create(["/a", "/b"]) }
        #expect(error?.code == .failed)
        #expect(error?.undoFailures == [])
        #expect(bench.host.state == before)
        bench.expectOrder("\(step)")
    }

    @Test("a volume that is activated, or opened, while the set is taken")
    func changedMeanwhile() async throws {
        let activated = try Bench(Layout.inactive.host())
        activated.host.interfere(before: "confirm staged", .activate("vg0/rest"))
        var error = await #expect(throws: SnapshotError.self) { try await activated.create(Layout.inactive.targets) }
        #expect(error?.code == .failed)
        #expect(activated.host.sets == [])
        activated.expectOrder("activated")

        let host = Layout.one.host()
        host.addVolume("vg0/idle", pool: "vg0/pool")
        let opened = try Bench(host)
        opened.host.interfere(before: "stage vg0/idle: commit 1", .open("vg0/idle"))
        error = await #expect(throws: SnapshotError.self) { try await opened.create(["/a", "vg0/idle"]) }
        #expect(error?.message.contains("vg0/idle was activated, mounted, opened or closed") == true)
        #expect(opened.host.sets == [])
        opened.expectOrder("opened")
    }

    @Test("a run that is cancelled undoes all")
    func cancelled() async throws {
        let bench = try Bench(Layout.two.host())
        let before = bench.host.state
        let run = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await bench.create(["/a", "/b"])
        }
        let error = await #expect(throws: SnapshotError.self) { try await run.value }
        #expect(error?.code == .failed)
        #expect(error?.message == "the run was interrupted")
        #expect(bench.host.state == before)
        bench.expectOrder("cancelled")
    }
}

/// Keeps warnings.
final class KeptWarnings: Progress {
    private let texts = Mutex<[String]>([])
    var all: [String] { texts.withLock { $0 } }

    func step(_ text: String) {}
    func warn(_ text: String) { texts.withLock { $0.append(text) } }
}
