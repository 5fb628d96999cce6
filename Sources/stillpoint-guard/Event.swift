import CLinux
import Glibc
import SystemPackage

/// An eventfd(2): counts up from any thread or process, and polls readable until it is drained.
struct Event: Sendable {
    let descriptor: Int32

    init() throws(Errno) {
        descriptor = sp_eventfd()
        guard descriptor >= 0 else { throw Errno(rawValue: errno) }
    }

    func signal() {
        var one: UInt64 = 1
        _ = write(descriptor, &one, 8)
    }

    /// How often it was signalled since the last call.
    func drain() -> Int {
        var count: UInt64 = 0
        return read(descriptor, &count, 8) == 8 ? Int(count) : 0
    }
}

/// poll(2) over descriptors; an interrupted or expired poll reports none.
///
/// - Parameter timeoutMs: -1 waits for ever.
func ready(_ descriptors: [Int32], timeoutMs: Int32) -> Set<Int32> {
    var entries = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    guard poll(&entries, nfds_t(entries.count), timeoutMs) > 0 else { return [] }
    return Set(entries.filter { $0.revents != 0 }.map(\.fd))
}
