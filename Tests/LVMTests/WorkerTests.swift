import Foundation
import LinuxSystem
import SetModel
import SystemPackage
import Testing

@testable import LVM

/// Real LVM in a real worker, on a loop device.
@Suite(
    "LVM on a loop device", .serialized, .timeLimit(.minutes(5)),
    .enabled(if: LoopStorage.isAvailable, "needs root, a free loop device and the built stillpoint"))
struct WorkerTests {
    @Test("a report tells of every volume, and the settings when asked")
    func report() async throws {
        let storage = try await LoopStorage()
        let report = try await storage.client.report(withConfiguration: true)
        #expect(report.isComplete)
        #expect(report.volumeGroups.map(\.name) == [LoopStorage.group])
        #expect(report.volumes.map(\.fullName) == ["sptest/a", "sptest/b", "sptest/c"])
        #expect(report.volumes.map(\.sizeBytes) == [4 << 20, 4 << 20, 4 << 20])
        #expect(report.volumes.map(\.segmentTypes) == [["linear"], ["linear"], ["linear"]])
        #expect(report.warnings == ["WARNING: Activation disabled. No device-mapper interaction will be attempted."])
        #expect(
            report.configuration
                == LVMConfiguration(
                    lockingDirectory: storage.lockingDirectory, prioritisesWriteLocks: true, usesLockDaemon: false,
                    deviceDirectory: "/dev"))
        #expect(try await storage.client.report().configuration == nil)
    }

    @Test("a volume in several pieces is one volume")
    func segments() async throws {
        let storage = try await LoopStorage()
        try await storage.run([["lvextend", "--yes", "-L+4M", "sptest/a"]])
        let report = try await storage.client.report()
        #expect(report.volumes.map(\.name) == ["a", "b", "c"])
        #expect(report.volumes[0].sizeBytes == 8 << 20)
        #expect(
            try await storage.run([["lvs", "--noheadings", "--segments"]])[0].output.split(separator: "\n").count == 4)
    }

    @Test("tags change in one commit, and arrive as they were written")
    func tags() async throws {
        let storage = try await LoopStorage()
        var generator = SeededGenerator(seed: 4)
        let tags = try (0..<58).map { try LVMTag.user("\($0)" + generator.text(upTo: 10), generator.text(upTo: 30)) }
        let before = try await storage.client.report().volumeGroups[0].seqno
        try await storage.client.run(try LVMCommand.changeTags(of: storage.name("a"), adding: tags + ["old"]))
        try await storage.client.run(
            try LVMCommand.changeTags(of: storage.name("a"), adding: ["new"], removing: ["old"]))
        let report = try await storage.client.report()
        #expect(report.volume(named: "sptest/a").map { Set($0.tags) } == Set(tags + ["new"]))
        #expect(report.volumeGroups[0].seqno == before + 2)
    }

    @Test("output beyond LVM's log lines arrives whole")
    func longRows() async throws {
        let storage = try await LoopStorage()
        let tags = try (0..<20).map { try LVMTag.tag("tag.\($0)", String(repeating: "x", count: 1000)) }
        try await storage.client.run(try LVMCommand.changeTags(of: storage.name("b"), adding: tags))
        #expect(try await storage.client.report().volume(named: "sptest/b").map { Set($0.tags) } == Set(tags))
    }

    @Test("removal spares what has another UUID or lacks the tag")
    func guardedRemoval() async throws {
        let storage = try await LoopStorage()
        let tag = try MemberTags.set(Sample.id)
        let (a, b) = (try await storage.uuid("a"), try await storage.uuid("b"))
        try await storage.client.run(
            try LVMCommand.changeTags(of: storage.name("a"), adding: [tag, "more"])
                + LVMCommand.changeTags(of: storage.name("c"), adding: [tag]))
        func remove(_ uuids: [String], _ tag: String) async throws {
            let group = LoopStorage.group
            try await storage.client.run(
                try LVMCommand.remove(uuids.map { TaggedVolume(group: group, uuid: $0, tag: tag) }))
        }
        let all = try await storage.listing()
        try await remove(["nobody"], tag)
        #expect(try await storage.listing() == all)
        try await remove([a, b], try MemberTags.set("another"))
        #expect(try await storage.listing() == all)
        try await remove([a, b, "nobody"], tag)
        #expect(try await storage.listing() == ["b", "c [\"\(tag)\"]"])
    }

    @Test("a change of tags reaches the volume that was meant, whatever its name is now, and tells of one that is gone")
    func renamed() async throws {
        let storage = try await LoopStorage()
        let client = storage.client
        let tag = try MemberTags.set(Sample.id)
        try await client.run(try LVMCommand.changeTags(of: storage.name("a"), adding: [tag]))
        let meant = TaggedVolume(group: LoopStorage.group, uuid: try await storage.uuid("a"), tag: tag)
        let untagged = TaggedVolume(group: LoopStorage.group, uuid: try await storage.uuid("c"), tag: tag)
        // Another volume has its name now.
        try await storage.run([["lvrename", "sptest/a", "sptest/d"], ["lvrename", "sptest/b", "sptest/a"]])
        func change(_ volumes: [TaggedVolume], _ tag: String) async throws -> Bool {
            try await client.changeSelected(
                try LVMCommand.changeTags(ofEach: volumes, adding: [tag], removing: ["other"]))
        }
        #expect(try await change([meant], "x"))
        #expect(try await change([meant], "x"), "a tag that is there already is no sign of another volume")
        #expect(try await storage.listing() == ["a", "c", "d [\"\(tag)\", \"x\"]"])
        #expect(try await !change([untagged], "y"))
        #expect(try await !change([meant, untagged], "z"))
        try await storage.run([["lvremove", "--yes", "sptest/d"]])
        #expect(try await !change([meant], "x"))
        #expect(try await storage.listing() == ["a", "c"])
    }

    @Test("commands without a backup of their own leave it to the next one")
    func backup() async throws {
        let storage = try await LoopStorage()
        let client = storage.client
        func committed() async throws -> UInt64 { try await client.report().volumeGroups[0].seqno }
        func backedUp() throws -> UInt64? {
            let text = try String(contentsOfFile: storage.directory.string + "/backup/sptest", encoding: .utf8)
            return text.firstMatch(of: /seqno = (\d+)/).flatMap { UInt64($0.1) }
        }
        func archived() throws -> Int {
            try FileManager.default.contentsOfDirectory(atPath: storage.directory.string + "/archive").count
        }
        let tag = try MemberTags.set(Sample.id)
        for name in ["a", "b"] {
            try await client.run(try LVMCommand.changeTags(of: storage.name(name), adding: [tag]))
        }
        let (before, archives) = (try await committed(), try archived())
        #expect(try backedUp() == before)
        let volumes = [try await storage.uuid("a"), try await storage.uuid("b")].map {
            TaggedVolume(group: LoopStorage.group, uuid: $0, tag: tag)
        }
        #expect(
            try await client.changeSelected(
                try LVMCommand.changeTags(ofEach: volumes, adding: ["gone"], removing: [], isBackedUp: false)))
        #expect(try await committed() == before + 2)
        #expect(try backedUp() == before)
        #expect(try archived() == archives)
        try await client.run(try LVMCommand.remove(volumes))
        #expect(try await storage.listing() == ["c"])
        #expect(try await backedUp() == committed())
        #expect(try archived() == archives + 1)
        // As members are staged: the first and the last one of a group are backed up.
        func create(_ name: String, _ more: String...) -> [String] {
            ["lvcreate", "--yes", "-an", "-Zn", "-Wn", "-L4M", "--name=" + name, LoopStorage.group] + more
        }
        try await storage.run([
            create("x"), create("y", "--autobackup=n"), create("z", "--autobackup=n"), create("last"),
        ])
        #expect(try await backedUp() == committed())
        #expect(try archived() == archives + 3)
    }

    @Test("one selection is as long as a command makes it, and finds every volume")
    func longSelection() async throws {
        let storage = try await LoopStorage(volumes: [])
        let sets = try await storage.restoreThinPool(origins: 1, sets: LVMCommand.selectable + 1)
        let volumes = try sets.map {
            TaggedVolume(
                group: LoopStorage.group, uuid: $0.members[0].snapshotUUID ?? "", tag: try MemberTags.set($0.id))
        }
        let deletion = try MemberTags.deletion()
        let commands = try LVMCommand.changeTags(
            ofEach: volumes, adding: deletion.adding, removing: deletion.removing)
        #expect(commands.map(\.selected) == [LVMCommand.selectable, 1])
        #expect(try await storage.client.changeSelected(commands))
        #expect(FoundSets(in: try await storage.client.report()).sets.allSatisfy { $0.state == .deleting })
    }

    @Test("the first failure ends a job, and tells what ran")
    func failure() async throws {
        let storage = try await LoopStorage()
        let error = try await #require(throws: LVMError.self) {
            try await storage.run([["lvs"], ["lvchange", "--addtag=x", "sptest/none"], ["lvs"]])
        }
        #expect(error.code == .commandFailed)
        #expect(error.command == ["lvchange", "--addtag=x", "sptest/none"])
        #expect(error.results.map(\.status) == [1, 5])
        #expect(error.lines.contains { $0.contains("Failed to find logical volume \"sptest/none\"") })
        #expect(error.description.contains("sptest/none"))
    }

    @Test("LVM's own codes", arguments: [("nosuch", 2), ("lvs --nosuch", 3), ("lvs none", 5)])
    func codes(line: String, status: Int32) async throws {
        let storage = try await LoopStorage(volumes: [])
        let error = try await #require(throws: LVMError.self) {
            try await storage.run([line.split(separator: " ").map(String.init)])
        }
        #expect(error.results.map(\.status) == [status])
    }

    @Test("nothing runs when a later command cannot be expressed")
    func unexpressible() async throws {
        let storage = try await LoopStorage()
        let error = try await #require(throws: LVMError.self) {
            try await storage.run([["lvremove", "--yes", "sptest/a"], ["lvs", "'\""]])
        }
        #expect(error.code == .unexpressible)
        #expect(try await storage.listing() == ["a", "b", "c"])
    }

    @Test("the lock keeps LVM out, and LVM's keeps us out")
    func lock() async throws {
        let storage = try await LoopStorage()
        let file = storage.locks
        let lock = try storage.lock()
        let client = storage.client
        let other = try storage.newClient()
        let listing = Task { try await other.report().volumes.count }
        let change = Task {
            try await client.run(try LVMCommand.changeTags(of: "sptest/a", adding: ["x"])).count
        }
        // The reader waits for the lock itself or, behind the writer, in the queue.
        let queue = FileLocks(path: storage.lockingDirectory.appending("V_\(LoopStorage.group):aux"))
        while file.waiting + queue.waiting < 2, !Task.isCancelled { await Task.yield() }
        lock.release()
        #expect(try await listing.value == 3)
        #expect(try await change.value == 1)
    }

    @Test("a cancelled caller gets its answer, and the job is done")
    func cancellation() async throws {
        let storage = try await LoopStorage()
        let lock = try storage.lock()
        let client = storage.client
        let change = Task { try await client.run(try LVMCommand.changeTags(of: "sptest/a", adding: ["x"])).count }
        await storage.locks.waitForWaiters(1)
        change.cancel()
        lock.release()
        #expect(try await change.value == 1)
        #expect(try await storage.listing() == ["a [\"x\"]", "b", "c"])
    }

    @Test("a worker that waits too long is ended")
    func timeLimit() async throws {
        let storage = try await LoopStorage()
        let lock = try storage.lock()
        let client = try storage.newClient(timeLimit: .milliseconds(1))
        let error = try await #require(throws: LVMError.self) {
            try await client.run(try LVMCommand.changeTags(of: "sptest/a", adding: ["x"]))
        }
        #expect(error.code == .timedOut)
        lock.release()
        #expect(try await storage.listing() == ["a", "b", "c"])
    }

    @Test("members, pool and sets of a restored thin pool")
    func thinPool() async throws {
        let storage = try await LoopStorage(volumes: [])
        let sets = try await storage.restoreThinPool(origins: 2, sets: 150)
        let report = try await storage.client.report()
        #expect(report.volumes.count { $0.isThin } == 302)
        #expect(report.volumes.count { $0.isHidden } == 2)
        let pool = try #require(report.volume(named: "sptest/pool"))
        #expect(pool.isThinPool)
        #expect(pool.transactionID == 302)
        #expect(pool.chunkSizeBytes == 65536)
        #expect(pool.metadataSizeBytes == 4 << 20)
        let found = FoundSets(in: report)
        #expect(found.problems == [])
        #expect(found.sets == sets)
        let snapshot = try #require(report.volume(named: sets[7].members[1].snapshot))
        #expect(snapshot.origin == "data2")
        #expect(snapshot.originUUID == sets[7].members[1].originUUID)
        #expect(snapshot.isActivationSkipped)
        #expect(report.pool(of: snapshot) == pool)
    }

    @Test("no command begins when the process that asked is gone")
    func orphan() async throws {
        let storage = try await LoopStorage()
        let lock = try storage.lock()
        var ends: [Int32] = [-1, -1]
        #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0)
        let worker = try ChildProcess.spawn(
            try #require(LoopStorage.worker), arguments: [LVMWorker.verb],
            environment: ["LVM_SYSTEM_DIR": storage.directory.string], standardInput: FileDescriptor(rawValue: ends[1]))
        close(ends[1])
        let job = LVMJob(
            commands: ["a", "b"].map { ["lvchange", "--addtag=x", "sptest/\($0)"] }, stopAtFirstFailure: true)
        #expect(StreamFrames.write(job.encoded, to: ends[0]))
        await storage.locks.waitForWaiters(1)
        close(ends[0])
        lock.release()
        #expect(worker.wait(timeoutMs: -1) != nil)
        #expect(try await storage.listing() == ["a [\"x\"]", "b", "c"])
    }

    @Test("a job that is killed is told of, and the next one runs")
    func killed() async throws {
        let storage = try await LoopStorage()
        let lock = try storage.lock()
        let locks = storage.locks
        let client = storage.client
        let change = Task { try await client.run(try LVMCommand.changeTags(of: "sptest/a", adding: ["x"])) }
        await locks.waitForWaiters(1)
        kill(try #require(locks.waiters.first), SIGKILL)
        let error = try await #require(throws: LVMError.self) { try await change.value }
        #expect(error.code == .workerFailed)
        #expect(error.description.contains("by signal 9 in lvchange (1 of 1)"))
        lock.release()
        #expect(try await storage.listing() == ["a", "b", "c"])
    }
}
