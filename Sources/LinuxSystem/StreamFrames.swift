import Glibc

/// Messages between two processes of ours on a stream socket: the length in decimal digits, a newline, and so many
/// bytes.
public enum StreamFrames {
    /// The longest message: far above what LVM can print of the largest machine.
    private static let limit = 1 << 30

    /// - Returns: `nil` at the end of the other side.
    public static func read(_ socket: Int32) -> [UInt8]? {
        var length = 0
        while true {
            guard let digit = exactly(1, socket)?.first else { return nil }
            if digit == UInt8(ascii: "\n") { break }
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            length = length * 10 + Int(digit - UInt8(ascii: "0"))
            guard length <= limit else { return nil }
        }
        return exactly(length, socket)
    }

    /// - Returns: false when the other side is gone.
    public static func write(_ bytes: some Sequence<UInt8>, to socket: Int32) -> Bool {
        let body = Array(bytes)
        let message = Array("\(body.count)\n".utf8) + body
        var sent = 0
        while sent < message.count {
            let count = message[sent...].withUnsafeBytes { send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    private static func exactly(_ length: Int, _ socket: Int32) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: length)
        var got = 0
        while got < length {
            let count = bytes[got...].withUnsafeMutableBytes { recv(socket, $0.baseAddress, $0.count, 0) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return nil }
            got += count
        }
        return bytes
    }
}
