import CLinux
import Glibc
import LinuxSystem
import SystemPackage
import Testing

@testable import GuardProtocol

@Suite struct RunRecordTests {
    /// A directory, gone with the value.
    private final class Scratch {
        let path: String

        init() throws {
            var template = Array("/tmp/stillpoint-record-XXXXXX".utf8CString)
            guard mkdtemp(&template) != nil else { throw Errno(rawValue: errno) }
            path = String(decoding: template.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }

        var record: String { path + "/r.record" }

        deinit {
            for name in ["r.record", "link", "fifo"] { unlink(path + "/" + name) }
            rmdir(path)
        }
    }

    private func open(_ path: String, writable: Bool = false) throws -> RunRecord {
        try RunRecord.open(FilePath(path), writable: writable)
    }

    @Test(
        "what a plan names can be read by everybody who opens the record", arguments: [(0, 0), (1, 0), (0, 1), (3, 5)])
    func roundTrip(fileSystems: Int, volumes: Int) throws {
        let scratch = try Scratch()
        let plan = GuardPlan.sample(record: scratch.record, fileSystems: fileSystems, volumes: volumes)
        let made = try RunRecord.create(for: plan)
        for record in [made, try open(scratch.record), try open(scratch.record, writable: true)] {
            #expect(record.run == plan.run)
            #expect(record.phase == .armed)
            #expect(!record.hasFired)
            #expect(!record.standsStill)
            #expect(record.windowNs == nil)
            #expect(record.fileSystemCount == fileSystems)
            #expect(record.volumeCount == volumes)
            for (index, item) in plan.fileSystems.enumerated() {
                #expect(record.label(ofFileSystem: index) == item.label)
                #expect(record.device(ofFileSystem: index) == item.device)
                #expect(record.state(ofFileSystem: index) == .running)
                #expect(record.frozenNs(ofFileSystem: index) == nil)
            }
            for (index, item) in plan.volumes.enumerated() {
                #expect(record.uuid(ofVolume: index) == item.uuid)
                #expect(record.state(ofVolume: index) == .running)
                #expect(record.suspendedNs(ofVolume: index) == nil)
            }
        }
        var status = stat()
        #expect(stat(scratch.record, &status) == 0 && status.st_mode & 0o7777 == 0o600)
    }

    @Test("a change is seen at once through every mapping")
    func shared() throws {
        let scratch = try Scratch()
        let made = try RunRecord.create(for: .sample(record: scratch.record))
        let seen = try open(scratch.record)
        made.fileSystem(1).pointee.state = RunRecord.FileSystemState.frozen.rawValue
        #expect(seen.state(ofFileSystem: 1) == .frozen)
        #expect(seen.standsStill)
        made.setPhase(.released)
        #expect(seen.phase == .released)
        try open(scratch.record, writable: true).requestRelease()
        #expect(made.header.pointee.release == 1)
    }

    @Test("names that are too long are cut, and do not run into what follows")
    func longNames() throws {
        let scratch = try Scratch()
        var plan = GuardPlan.sample(record: scratch.record)
        plan.run = String(repeating: "r", count: 200)
        plan.fileSystems[0].label = "/" + String(repeating: "ä", count: 2000)
        plan.volumes[0].uuid = String(repeating: "u", count: 500)
        let record = try RunRecord.create(for: plan)
        #expect(record.run == String(repeating: "r", count: 63))
        #expect(record.label(ofFileSystem: 0).utf8.count <= Int(SP_RUN_PATH_MAX) + 1)
        #expect(record.label(ofFileSystem: 0).hasPrefix("/ääää"))
        #expect(record.label(ofFileSystem: 1) == plan.fileSystems[1].label)
        #expect(record.uuid(ofVolume: 0) == String(repeating: "u", count: Int(SP_RUN_UUID_MAX) - 1))
        #expect(record.uuid(ofVolume: 1) == plan.volumes[1].uuid)
    }

    @Test("a record that is there is never made anew")
    func exists() throws {
        let scratch = try Scratch()
        let plan = GuardPlan.sample(record: scratch.record)
        let record = try RunRecord.create(for: plan)
        #expect(throws: Errno.fileExists) { try RunRecord.create(for: plan) }
        withExtendedLifetime(record) {}
    }

    // MARK: What is refused

    @Test("what lies there and is no record")
    func noRecord() throws {
        let scratch = try Scratch()
        #expect(throws: Errno.noSuchFileOrDirectory) { try open(scratch.record) }
        _ = try RunRecord.create(for: .sample(record: scratch.record))
        symlink(scratch.record, scratch.path + "/link")
        #expect(throws: Errno.tooManySymbolicLinkLevels) { try open(scratch.path + "/link") }
        symlink(scratch.path + "/elsewhere", scratch.path + "/fifo")
        #expect(throws: Errno.fileExists) {
            try RunRecord.create(for: .sample(record: scratch.path + "/fifo"))
        }
        unlink(scratch.path + "/fifo")
        mkfifo(scratch.path + "/fifo", 0o600)
        #expect(throws: Errno.invalidArgument) { try open(scratch.path + "/fifo") }
        #expect(throws: Errno.invalidArgument) { try open(scratch.path) }
        #expect(throws: Errno.invalidArgument) { try open("/dev/null") }
    }

    @Test("a record of another size", arguments: [-1, 1, -1048, 1048, -100_000, 4096])
    func wrongSize(change: Int) throws {
        let scratch = try Scratch()
        _ = try RunRecord.create(for: .sample(record: scratch.record))
        var status = stat()
        stat(scratch.record, &status)
        truncate(scratch.record, max(0, status.st_size + change))
        #expect(throws: Errno.invalidArgument) { try open(scratch.record) }
    }

    @Test("a file as large as can be, and larger", arguments: [0, 1, 1 << 22, 1 << 33])
    func emptyFiles(size: Int) throws {
        let scratch = try Scratch()
        close(creat(scratch.record, 0o600))
        truncate(scratch.record, size)
        #expect(throws: Errno.invalidArgument) { try open(scratch.record) }
    }

    @Test(
        "a header that says something else than the size",
        arguments: [
            (magic: 0, systems: 2, volumes: 3), (SP_RUN_MAGIC + 1, 2, 3), (SP_RUN_MAGIC, 3, 2), (SP_RUN_MAGIC, 2, 4),
            (SP_RUN_MAGIC, .max, .max), (SP_RUN_MAGIC, 4097, 0), (SP_RUN_MAGIC, 0, 4097), (SP_RUN_MAGIC, 1 << 31, 3),
        ] as [(magic: UInt32, systems: UInt32, volumes: UInt32)])
    func wrongHeader(magic: UInt32, systems: UInt32, volumes: UInt32) throws {
        let scratch = try Scratch()
        let record = try RunRecord.create(for: .sample(record: scratch.record, fileSystems: 2, volumes: 3))
        record.header.pointee.magic = magic
        record.header.pointee.filesystem_count = systems
        record.header.pointee.volume_count = volumes
        #expect(throws: Errno.invalidArgument) { try open(scratch.record) }
    }

    @Test("a record of another user", .enabled(if: geteuid() == 0))
    func wrongOwner() throws {
        let scratch = try Scratch()
        let record = try RunRecord.create(for: .sample(record: scratch.record))
        chown(scratch.record, 12345, 0)
        #expect(throws: Errno.invalidArgument) { try open(scratch.record) }
        chown(scratch.record, 0, 0)
        _ = try open(scratch.record)
        withExtendedLifetime(record) {}
    }

    @Test("as many file systems and volumes as a record can have")
    func largest() throws {
        let scratch = try Scratch()
        let plan = GuardPlan.sample(record: scratch.record, fileSystems: 4096, volumes: 4096)
        let record = try RunRecord.create(for: plan)
        record.volume(4095).pointee.state = RunRecord.VolumeState.suspending.rawValue
        #expect(try open(scratch.record).standsStill)
    }

    // MARK: States

    @Test("what stands still", arguments: 0...7, 0...6)
    func standsStill(system: UInt32, volume: UInt32) throws {
        let scratch = try Scratch()
        let record = try RunRecord.create(for: .sample(record: scratch.record, fileSystems: 2, volumes: 2))
        record.fileSystem(1).pointee.state = system
        record.volume(1).pointee.state = volume
        let systemStands: Bool =
            switch RunRecord.FileSystemState(rawValue: system) {
            case .freezing, .frozen: true
            case .running, .foreign, .thawed, .failed: false
            // What a later release may write: rather looked after than forgotten.
            case nil: true
            }
        let volumeStands: Bool =
            switch RunRecord.VolumeState(rawValue: volume) {
            case .suspending, .suspended: true
            case .running, .resumed, .failed: false
            case nil: true
            }
        #expect(record.standsStill == (systemStands || volumeStands))
    }

    @Test("whether the guard lives: its lock, seen through another open file")
    func heldByGuard() throws {
        let scratch = try Scratch()
        var made: RunRecord? = try RunRecord.create(for: .sample(record: scratch.record))
        let engine = try open(scratch.record)
        let other = try open(scratch.record)
        #expect(engine.isHeldByGuard())
        #expect(engine.isHeldByGuard())
        #expect(made?.isHeldByGuard() == false, "the holder itself")
        made = nil
        // The first to ask has it from then on.
        #expect(!engine.isHeldByGuard())
        #expect(!engine.isHeldByGuard())
        #expect(other.isHeldByGuard())
    }

    @Test("the window reaches from the first that came to rest to the last that ran again")
    func window() throws {
        let scratch = try Scratch()
        let record = try RunRecord.create(for: .sample(record: scratch.record, fileSystems: 2, volumes: 2))
        record.fileSystem(0).pointee.freezing_ns = 1_000
        #expect(record.windowNs == nil)
        record.fileSystem(0).pointee.thawed_ns = 5_000
        #expect(record.windowNs == 4_000)
        #expect(record.frozenNs(ofFileSystem: 0) == 4_000)
        record.fileSystem(1).pointee.freezing_ns = 800
        record.fileSystem(1).pointee.thawed_ns = 4_500
        #expect(record.windowNs == 4_200)
        record.volume(0).pointee.suspending_ns = 700
        record.volume(0).pointee.resumed_ns = 6_000
        #expect(record.windowNs == 5_300)
        #expect(record.suspendedNs(ofVolume: 0) == 5_300)
        #expect(record.suspendedNs(ofVolume: 1) == nil)
        // Thawed before it was frozen: a clock that is not to be trusted.
        record.fileSystem(1).pointee.thawed_ns = 100
        #expect(record.frozenNs(ofFileSystem: 1) == nil)
    }
}
