package import CLinux
import Glibc
public import LinuxSystem
public import SystemPackage

/// The file, mapped by the guard's two processes and by the engine, that says what stands still.
///
/// On tmpfs, so that a store to it never waits for a file system; held under flock(2) by the guard, so that a free
/// lock means that nobody is left who would release what the record names.
public final class RunRecord: @unchecked Sendable {
    /// Whether the guard may still bring something to rest.
    public enum Phase: UInt32, Sendable { case armed, released }

    /// A file system on its way through the window.
    public enum FileSystemState: UInt32, Sendable {
        case running = 0
        /// FIFREEZE is on its way: it may be frozen.
        case freezing
        case frozen
        /// Somebody else had frozen it: EBUSY from FIFREEZE. Theirs to thaw.
        case foreign
        case thawed
        /// FIFREEZE failed: it runs.
        case failed
    }

    /// A volume on its way through the window.
    public enum VolumeState: UInt32, Sendable {
        case running = 0
        /// The suspend is on its way: it may be suspended.
        case suspending
        case suspended
        case resumed
        /// The suspend failed: it runs.
        case failed
    }

    private let base: UnsafeMutableRawPointer
    private let length: Int
    public let descriptor: FileDescriptor
    public let fileSystemCount: Int
    public let volumeCount: Int

    private init(
        base: UnsafeMutableRawPointer, length: Int, descriptor: FileDescriptor, fileSystems: Int, volumes: Int
    ) {
        self.base = base
        self.length = length
        self.descriptor = descriptor
        fileSystemCount = fileSystems
        volumeCount = volumes
    }

    deinit {
        munmap(base, length)
        try? descriptor.close()
    }

    /// Makes the record of a plan and takes its lock.
    public static func create(for plan: GuardPlan) throws(Errno) -> RunRecord {
        let path = FilePath(plan.recordPath)
        let descriptor = try catchErrno {
            try FileDescriptor.open(
                path, .readWrite, options: [.create, .exclusiveCreate, .closeOnExec, .noFollow],
                permissions: [.ownerReadWrite])
        }
        guard flock(descriptor.rawValue, LOCK_EX | LOCK_NB) == 0 else { throw Errno(rawValue: errno) }
        let length = size(plan.fileSystems.count, plan.volumes.count)
        // Not ftruncate: a full tmpfs would be noticed by SIGBUS.
        let code = posix_fallocate(descriptor.rawValue, 0, off_t(length))
        guard code == 0 else { throw Errno(rawValue: code) }
        let base = try map(descriptor, length, writable: true)
        let record = RunRecord(
            base: base, length: length, descriptor: descriptor, fileSystems: plan.fileSystems.count,
            volumes: plan.volumes.count)
        let header = record.header
        header.pointee.filesystem_count = UInt32(plan.fileSystems.count)
        header.pointee.volume_count = UInt32(plan.volumes.count)
        store(plan.run, to: base + offset(\sp_run_header.set), capacity: 64)
        for (index, item) in plan.fileSystems.enumerated() {
            let entry = record.fileSystem(index)
            entry.pointee.major = item.device.major
            entry.pointee.minor = item.device.minor
            store(
                item.label, to: UnsafeMutableRawPointer(entry) + offset(\sp_run_filesystem.path),
                capacity: Int(SP_RUN_PATH_MAX))
        }
        for (index, item) in plan.volumes.enumerated() {
            let entry = record.volume(index)
            entry.pointee.major = item.device.major
            entry.pointee.minor = item.device.minor
            store(
                item.uuid, to: UnsafeMutableRawPointer(entry) + offset(\sp_run_volume.uuid),
                capacity: Int(SP_RUN_UUID_MAX))
        }
        header.pointee.magic = SP_RUN_MAGIC
        return record
    }

    /// Maps an existing record.
    ///
    /// - Throws: EINVAL for a file that is no record, or one whose counts and size disagree.
    public static func open(_ path: FilePath, writable: Bool = false) throws(Errno) -> RunRecord {
        let descriptor = try catchErrno {
            try FileDescriptor.open(
                path, writable ? .readWrite : .readOnly, options: [.closeOnExec, .noFollow, .nonBlocking])
        }
        do throws(Errno) {
            var status = stat()
            guard fstat(descriptor.rawValue, &status) == 0 else { throw Errno(rawValue: errno) }
            let length = Int(status.st_size)
            guard status.st_mode & S_IFMT == S_IFREG, status.st_uid == geteuid(), length >= size(0, 0),
                length <= size(4096, 4096)
            else { throw .invalidArgument }
            let base = try map(descriptor, length, writable: writable)
            let header = base.assumingMemoryBound(to: sp_run_header.self).pointee
            guard header.magic == SP_RUN_MAGIC, header.filesystem_count <= 4096, header.volume_count <= 4096,
                length == size(Int(header.filesystem_count), Int(header.volume_count))
            else {
                munmap(base, length)
                throw .invalidArgument
            }
            return RunRecord(
                base: base, length: length, descriptor: descriptor, fileSystems: Int(header.filesystem_count),
                volumes: Int(header.volume_count))
        } catch {
            try? descriptor.close()
            throw error
        }
    }

    /// Whether a living guard holds the record. When none does, the caller holds it from now on.
    public func isHeldByGuard() -> Bool { flock(descriptor.rawValue, LOCK_EX | LOCK_NB) != 0 }

    /// The caller holds it no more: whoever opens the record anew, be it the same process, would take the caller for a
    /// guard.
    public func letGo() { _ = flock(descriptor.rawValue, LOCK_UN) }

    private static func size(_ fileSystems: Int, _ volumes: Int) -> Int {
        MemoryLayout<sp_run_header>.stride + fileSystems * MemoryLayout<sp_run_filesystem>.stride
            + volumes * MemoryLayout<sp_run_volume>.stride
    }

    private static func map(
        _ descriptor: FileDescriptor, _ length: Int, writable: Bool
    ) throws(Errno) -> UnsafeMutableRawPointer {
        let protection = writable ? PROT_READ | PROT_WRITE : PROT_READ
        guard let base = mmap(nil, length, protection, MAP_SHARED, descriptor.rawValue, 0), base != MAP_FAILED
        else { throw Errno(rawValue: errno) }
        return base
    }

    private static func store(_ text: String, to target: UnsafeMutableRawPointer, capacity: Int) {
        let bytes = Array(text.utf8.prefix(capacity - 1))
        target.copyMemory(from: bytes, byteCount: bytes.count)
    }

    private static func offset<T>(_ path: PartialKeyPath<T>) -> Int { MemoryLayout<T>.offset(of: path) ?? 0 }

    private static func text(_ start: UnsafeRawPointer, capacity: Int) -> String {
        let bytes = UnsafeRawBufferPointer(start: start, count: capacity).prefix { $0 != 0 }
        return String(decoding: bytes, as: UTF8.self)
    }

    // MARK: Entries. Stable addresses: taken before the window, used in it.

    package var header: UnsafeMutablePointer<sp_run_header> { base.assumingMemoryBound(to: sp_run_header.self) }

    package func fileSystem(_ index: Int) -> UnsafeMutablePointer<sp_run_filesystem> {
        precondition(index < fileSystemCount)
        return (base + MemoryLayout<sp_run_header>.stride + index * MemoryLayout<sp_run_filesystem>.stride)
            .assumingMemoryBound(to: sp_run_filesystem.self)
    }

    package func volume(_ index: Int) -> UnsafeMutablePointer<sp_run_volume> {
        precondition(index < volumeCount)
        let first = MemoryLayout<sp_run_header>.stride + fileSystemCount * MemoryLayout<sp_run_filesystem>.stride
        return (base + first + index * MemoryLayout<sp_run_volume>.stride).assumingMemoryBound(to: sp_run_volume.self)
    }

    // MARK: Reading

    /// The set's id.
    public var run: String { Self.text(base + Self.offset(\sp_run_header.set), capacity: 64) }

    public var phase: Phase { Phase(rawValue: sp_atomic_load(&header.pointee.phase)) ?? .armed }

    /// Whether the failsafe released something before the work was over.
    public var hasFired: Bool { sp_atomic_load(&header.pointee.fired) != 0 }

    /// Whether something may stand still.
    public var standsStill: Bool {
        for index in 0..<fileSystemCount {
            let state = state(ofFileSystem: index)
            if state == .freezing || state == .frozen { return true }
        }
        for index in 0..<volumeCount {
            let state = state(ofVolume: index)
            if state == .suspending || state == .suspended { return true }
        }
        return false
    }

    package func setPhase(_ phase: Phase) { sp_atomic_store(&header.pointee.phase, phase.rawValue) }

    /// The semaphore by which udev reports on the guard's resumes, which whoever comes last removes; 0: none.
    public var udevCookie: UInt32 { sp_atomic_load(&header.pointee.udev_cookie) }

    public func setUdevCookie(_ value: UInt32) { sp_atomic_store(&header.pointee.udev_cookie, value) }

    /// Asks the guard to end a hold before its time. The guard looks every tenth of a second.
    public func requestRelease() { sp_atomic_store(&header.pointee.release, 1) }

    public func state(ofFileSystem index: Int) -> FileSystemState {
        FileSystemState(rawValue: sp_atomic_load(&fileSystem(index).pointee.state)) ?? .freezing
    }

    public func state(ofVolume index: Int) -> VolumeState {
        VolumeState(rawValue: sp_atomic_load(&volume(index).pointee.state)) ?? .suspending
    }

    /// The mount point.
    public func label(ofFileSystem index: Int) -> String {
        Self.text(
            UnsafeRawPointer(fileSystem(index)) + Self.offset(\sp_run_filesystem.path), capacity: Int(SP_RUN_PATH_MAX))
    }

    public func device(ofFileSystem index: Int) -> DeviceNumber {
        let entry = fileSystem(index).pointee
        return DeviceNumber(major: entry.major, minor: entry.minor)
    }

    public func uuid(ofVolume index: Int) -> String {
        Self.text(UnsafeRawPointer(volume(index)) + Self.offset(\sp_run_volume.uuid), capacity: Int(SP_RUN_UUID_MAX))
    }

    /// From the first FIFREEZE, or the first suspend where nothing was frozen, to the last thaw or resume, in
    /// nanoseconds; `nil` while something still stands, or when nothing did.
    public var windowNs: UInt64? {
        var first = UInt64.max
        var last: UInt64 = 0
        for index in 0..<fileSystemCount {
            let entry = fileSystem(index).pointee
            if entry.freezing_ns != 0 { first = min(first, entry.freezing_ns) }
            last = max(last, entry.thawed_ns)
        }
        for index in 0..<volumeCount {
            let entry = volume(index).pointee
            if entry.suspending_ns != 0 { first = min(first, entry.suspending_ns) }
            last = max(last, entry.resumed_ns)
        }
        return last > first ? last - first : nil
    }

    /// How long one file system stood still, in nanoseconds.
    public func frozenNs(ofFileSystem index: Int) -> UInt64? {
        let entry = fileSystem(index).pointee
        return entry.thawed_ns > entry.freezing_ns && entry.freezing_ns != 0
            ? entry.thawed_ns - entry.freezing_ns : nil
    }

    /// How long one volume was suspended, in nanoseconds.
    public func suspendedNs(ofVolume index: Int) -> UInt64? {
        let entry = volume(index).pointee
        return entry.resumed_ns > entry.suspending_ns && entry.suspending_ns != 0
            ? entry.resumed_ns - entry.suspending_ns : nil
    }
}

func catchErrno<T>(_ body: () throws -> T) throws(Errno) -> T {
    do { return try body() } catch { throw error as? Errno ?? .ioError }
}
