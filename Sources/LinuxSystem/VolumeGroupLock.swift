import CLinux
import Glibc
public import SystemPackage

/// LVM's own lock on a volume group, for writing: while it is held, no LVM command reads or changes the VG.
///
/// Taken exactly as LVM takes it (`_do_flock`, `_do_write_priority_flock` and `_undo_flock` in
/// lib/misc/lvm-flock.c), or both would believe to hold it: a flock on `<locking_dir>/V_<vg>`, which counts only if
/// the file still has that name afterwards, since whoever releases it removes the file.
///
/// The lock belongs to the open file: a forked child holds it too, until both let go or one of them releases it.
public struct VolumeGroupLock: ~Copyable {
    private let path: FilePath
    /// Stays open as long as the lock is held.
    public let descriptor: FileDescriptor

    /// Waits until nobody else holds the lock.
    ///
    /// Throws `EINTR` when a signal that does not restart system calls arrives meanwhile; a timer that sends one
    /// bounds the wait.
    ///
    /// - Parameters:
    ///   - directory: LVM's `global/locking_dir`, which must exist.
    ///   - volumeGroup: Its name.
    ///   - auxiliary: LVM's `global/prioritise_write_locks`: queue in a second file, so that readers who keep coming
    ///     cannot starve a writer.
    public static func acquire(
        directory: FilePath, volumeGroup: String, auxiliary: Bool
    ) throws(Errno) -> VolumeGroupLock {
        let path = try file(of: volumeGroup, in: directory)
        if !auxiliary { return VolumeGroupLock(path: path, descriptor: try lock(path)) }
        let queue = FilePath(path.string + ":aux")
        let turn = VolumeGroupLock(path: queue, descriptor: try lock(queue))
        let descriptor = try lock(path)
        turn.release()
        return VolumeGroupLock(path: path, descriptor: descriptor)
    }

    /// Takes the lock if nobody holds it, without a place in the queue.
    ///
    /// - Returns: `nil` when somebody does.
    public static func tryAcquire(directory: FilePath, volumeGroup: String) throws(Errno) -> VolumeGroupLock? {
        let path = try file(of: volumeGroup, in: directory)
        do {
            return VolumeGroupLock(path: path, descriptor: try lock(path, LOCK_EX | LOCK_NB))
        } catch .wouldBlock {
            return nil
        }
    }

    /// ``tryAcquire(directory:volumeGroup:)`` again and again, for `milliseconds` at most.
    ///
    /// - Returns: `nil` when the time is over.
    public static func acquire(
        directory: FilePath, volumeGroup: String, within milliseconds: UInt64
    ) throws(Errno) -> VolumeGroupLock? {
        let end = sp_monotonic_ns() + milliseconds * 1_000_000
        while true {
            if let lock = try tryAcquire(directory: directory, volumeGroup: volumeGroup) { return lock }
            guard sp_monotonic_ns() < end else { return nil }
            usleep(20_000)
        }
    }

    private static func file(of volumeGroup: String, in directory: FilePath) throws(Errno) -> FilePath {
        guard let name = FilePath.Component("V_" + volumeGroup) else { throw .invalidArgument }
        return directory.appending(name)
    }

    /// Lets go of the lock; so does the end of the value's life.
    public consuming func release() {}

    private init(path: FilePath, descriptor: FileDescriptor) {
        self.path = path
        self.descriptor = descriptor
    }

    deinit {
        let raw = descriptor.rawValue
        // First those who wait: only when nobody does, the file goes too.
        _ = flock(raw, LOCK_NB | LOCK_UN)
        if flock(raw, LOCK_NB | LOCK_EX) == 0, Self.isNamed(path, raw) { unlink(path.string) }
        // Somebody may share the open file: closing alone would not let go.
        _ = flock(raw, LOCK_UN)
        close(raw)
    }

    private static func lock(_ path: FilePath, _ operation: Int32 = LOCK_EX) throws(Errno) -> FileDescriptor {
        while true {
            let raw = open(path.string, O_CREAT | O_APPEND | O_RDWR | O_CLOEXEC, 0o700)
            guard raw >= 0 else { throw Errno(rawValue: errno) }
            guard flock(raw, operation) == 0 else {
                let reason = Errno(rawValue: errno)
                close(raw)
                throw reason
            }
            if isNamed(path, raw) { return FileDescriptor(rawValue: raw) }
            close(raw)
        }
    }

    /// Whether the open file is the one that the path names now.
    private static func isNamed(_ path: FilePath, _ descriptor: Int32) -> Bool {
        var named = stat()
        var opened = stat()
        return stat(path.string, &named) == 0 && fstat(descriptor, &opened) == 0
            && named.st_dev == opened.st_dev && named.st_ino == opened.st_ino
    }
}
