import CLinux
import Glibc
import SystemPackage

/// Lets the watcher hold what the cutter locked. A lock of flock(2) ends with its last descriptor: so no LVM command
/// runs before the watcher has released what a dead cutter left.
struct SharedLocks: Sendable {
    private let offered: Event
    private let adopted: Event

    init() throws(Errno) {
        offered = try Event()
        adopted = try Event()
    }

    /// The cutter's part: returns when the watcher holds the lock, too.
    ///
    /// - Throws: ETIMEDOUT when it does not answer.
    func offer(_ descriptor: FileDescriptor) throws(Errno) {
        offered.signal(UInt64(descriptor.rawValue) + 1)
        guard ready([adopted.descriptor], timeoutMs: 10_000).contains(adopted.descriptor) else { throw .timedOut }
        // 2: the watcher could not have it.
        guard adopted.drain() == 1 else { throw .permissionDenied }
    }

    /// Readable when something is offered.
    var descriptor: Int32 { offered.descriptor }

    /// The watcher's part. The duplicate stays open until the watcher ends.
    func adopt(from cutter: Int32) {
        let offer = offered.drain()
        guard offer > 0 else { return }
        adopted.signal(sp_pidfd_getfd(cutter, Int32(offer - 1)) >= 0 ? 1 : 2)
    }
}
