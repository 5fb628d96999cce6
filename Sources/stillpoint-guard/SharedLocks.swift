import CLinux
import Glibc
import GuardProtocol
import SystemPackage

/// Lets the watcher hold what the cutter locked. A lock of flock(2) ends with its last descriptor: so no LVM command
/// runs before the watcher has released what a dead cutter left.
struct SharedLocks: Sendable {
    private let giving: PacketSocket
    private let taking: PacketSocket

    /// Before the fork: each process uses its end.
    init() throws(Errno) { (giving, taking) = try PacketSocket.pair() }

    /// The cutter's part: returns when the watcher holds the lock, too.
    ///
    /// - Throws: ETIMEDOUT when it does not answer.
    func offer(_ descriptor: FileDescriptor) throws(Errno) {
        guard sp_send_descriptor(giving.descriptor.rawValue, descriptor.rawValue) == 0 else {
            throw Errno(rawValue: errno)
        }
        guard try giving.receive(timeoutMs: 10_000) != nil else { throw .brokenPipe }
    }

    /// Readable when something is offered.
    var descriptor: Int32 { taking.descriptor.rawValue }

    /// The watcher's part. The duplicate stays open until the watcher ends.
    func adopt() {
        guard sp_receive_descriptor(descriptor) >= 0 else { return }
        try? taking.send([1])
    }
}
