import Glibc
public import SystemPackage

/// One end of the `SOCK_SEQPACKET` pair between engine and guard: a message is a packet, the end of the other side is
/// an empty read.
public final class PacketSocket: Sendable {
    /// The longest message, in bytes.
    public static let maximum = 1 << 19

    public let descriptor: FileDescriptor

    public init(adopting descriptor: FileDescriptor) { self.descriptor = descriptor }

    deinit { try? descriptor.close() }

    /// socketpair(2); both ends close on exec.
    public static func pair() throws(Errno) -> (PacketSocket, PacketSocket) {
        var ends: [Int32] = [-1, -1]
        let kind = Int32(SOCK_SEQPACKET.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw Errno(rawValue: errno) }
        for end in ends {
            var size = Int32(maximum)
            // SO_SNDBUFFORCE: a plan of hundreds of members is longer than the default buffer. Needs CAP_NET_ADMIN;
            // without it the kernel's limit stays.
            setsockopt(end, SOL_SOCKET, SO_SNDBUFFORCE, &size, socklen_t(MemoryLayout<Int32>.size))
        }
        return (PacketSocket(adopting: .init(rawValue: ends[0])), PacketSocket(adopting: .init(rawValue: ends[1])))
    }

    /// - Throws: EPIPE when the other side is gone.
    public func send(_ bytes: [UInt8]) throws(Errno) {
        while true {
            if Glibc.send(descriptor.rawValue, bytes, bytes.count, Int32(MSG_NOSIGNAL)) >= 0 { return }
            if errno != EINTR { throw Errno(rawValue: errno) }
        }
    }

    /// Waits for the next packet.
    ///
    /// - Parameter timeoutMs: -1 waits for ever.
    /// - Returns: `nil` at the end of the other side.
    /// - Throws: ETIMEDOUT.
    public func receive(timeoutMs: Int32 = -1) throws(Errno) -> [UInt8]? {
        var entry = pollfd(fd: descriptor.rawValue, events: Int16(POLLIN), revents: 0)
        while true {
            let ready = poll(&entry, 1, timeoutMs)
            if ready == 0 { throw .timedOut }
            if ready < 0 {
                if errno == EINTR { continue }
                throw Errno(rawValue: errno)
            }
            // The true length of the packet, whatever fits: MSG_PEEK | MSG_TRUNC.
            let length = recv(descriptor.rawValue, nil, 0, Int32(MSG_PEEK) | Int32(MSG_TRUNC))
            if length < 0 {
                if errno == EINTR { continue }
                if errno == ECONNRESET { return nil }
                throw Errno(rawValue: errno)
            }
            if length == 0 { return nil }
            var buffer = [UInt8](repeating: 0, count: length)
            let count = recv(descriptor.rawValue, &buffer, length, 0)
            if count < 0 {
                if errno == EINTR { continue }
                throw Errno(rawValue: errno)
            }
            return count == 0 ? nil : Array(buffer.prefix(count))
        }
    }
}
