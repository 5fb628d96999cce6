import Foundation
import Glibc
import LinuxSystem
import SystemPackage
import Testing

@Suite("The lock of a volume group", .timeLimit(.minutes(10)))
final class VolumeGroupLockTests {
    private let directory: FilePath
    private var file: FilePath { directory.appending("V_vg0") }
    private var queue: FilePath { directory.appending("V_vg0:aux") }

    init() throws {
        var template = Array("/tmp/stillpoint-lock-XXXXXX".utf8CString)
        directory = FilePath(String(cString: try #require(mkdtemp(&template))))
    }

    deinit { try? FileManager.default.removeItem(atPath: directory.string) }

    private func exists(_ path: FilePath) -> Bool { access(path.string, F_OK) == 0 }

    /// A lock as LVM would take it.
    private func open(_ path: FilePath) throws -> FileDescriptor {
        try FileDescriptor.open(path, .readWrite, options: .create, permissions: [.ownerReadWrite])
    }

    private func acquire(auxiliary: Bool = false) -> Blocking<Errno?> {
        Blocking { [directory] in
            do throws(Errno) {
                _ = try VolumeGroupLock.acquire(directory: directory, volumeGroup: "vg0", auxiliary: auxiliary)
                return nil
            } catch {
                return error
            }
        }
    }

    @Test("it excludes others while it is held, and leaves nothing behind", arguments: [false, true])
    func exclusion(auxiliary: Bool) throws {
        let lock = try VolumeGroupLock.acquire(directory: directory, volumeGroup: "vg0", auxiliary: auxiliary)
        let other = try open(file)
        #expect(flock(other.rawValue, LOCK_SH | LOCK_NB) == -1)
        #expect(!exists(queue))
        lock.release()
        #expect(flock(other.rawValue, LOCK_SH | LOCK_NB) == 0)
        #expect(!exists(file))
        try other.close()
    }

    @Test("the end of its life releases it too")
    func lifetime() throws {
        do {
            let lock = try VolumeGroupLock.acquire(directory: directory, volumeGroup: "vg0", auxiliary: false)
            try withExtendedLifetime(lock) {
                // /proc/locks can miss one while others come and go.
                let other = try open(file)
                #expect(flock(other.rawValue, LOCK_SH | LOCK_NB) == -1)
                try other.close()
            }
        }
        #expect(!exists(file))
    }

    @Test("it waits for others, and leaves the file to those who wait")
    func waiting() async throws {
        let other = try open(file)
        #expect(flock(other.rawValue, LOCK_SH) == 0)
        let waiter = acquire()
        await FileLocks(path: file).waitForWaiters(1)
        try other.close()
        #expect(await waiter.value == .some(nil))
        #expect(!exists(file))
    }

    @Test("a lock on a file that lost its name does not count")
    func renamed() async throws {
        let old = try open(file)
        #expect(flock(old.rawValue, LOCK_EX) == 0)
        let waiter = acquire()
        await FileLocks(path: file).waitForWaiters(1)
        // What LVM does when it releases the lock; and somebody else is quicker with the new file.
        #expect(unlink(file.string) == 0)
        let new = try open(file)
        #expect(flock(new.rawValue, LOCK_EX) == 0)
        try old.close()
        await FileLocks(path: file).waitForWaiters(1)
        try new.close()
        #expect(await waiter.value == .some(nil))
    }

    @Test("it queues in the second file behind another writer")
    func queueing() async throws {
        let turn = try open(queue)
        #expect(flock(turn.rawValue, LOCK_EX) == 0)
        let waiter = acquire(auxiliary: true)
        await FileLocks(path: queue).waitForWaiters(1)
        #expect(!exists(file))
        try turn.close()
        #expect(await waiter.value == .some(nil))
        #expect(!exists(queue))
    }

    @Test("a signal that does not restart system calls ends the wait", arguments: [false, true])
    func interruption(auxiliary: Bool) async throws {
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in }
        #expect(sigaction(SIGUSR1, &action, nil) == 0)
        let other = try open(file)
        #expect(flock(other.rawValue, LOCK_EX) == 0)
        let waiter = acquire(auxiliary: auxiliary)
        await FileLocks(path: file).waitForWaiters(1)
        waiter.interrupt(SIGUSR1)
        #expect(await waiter.value == .some(.interrupted))
        #expect(!exists(queue))
        try other.close()
    }

    @Test("a directory that is not there, a name that is none")
    func refusals() {
        let missing = directory.appending("missing")
        #expect(throws: Errno.noSuchFileOrDirectory) {
            _ = try VolumeGroupLock.acquire(directory: missing, volumeGroup: "vg0", auxiliary: true)
        }
        #expect(throws: Errno.invalidArgument) {
            _ = try VolumeGroupLock.acquire(directory: directory, volumeGroup: "a/b", auxiliary: true)
        }
    }
}
