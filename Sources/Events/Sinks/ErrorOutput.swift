import Glibc

/// The end of what a program prints on its standard error.
struct ErrorOutput {
    private static let limit = 1000

    /// -1 when nothing more comes.
    private(set) var descriptor: Int32
    private var tail: [UInt8] = []

    /// - Parameter descriptor: of a pipe; it stays the caller's.
    init(reading descriptor: Int32) {
        self.descriptor = descriptor
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    }

    /// What is there now, at most a part of it: nobody may be kept from looking at the clock.
    mutating func read() {
        var buffer = [UInt8](repeating: 0, count: 4096)
        for _ in 0..<16 where descriptor >= 0 {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count > 0 {
                tail = Array((tail + buffer[..<count]).suffix(Self.limit))
            } else if count == 0 {
                descriptor = -1
            } else if errno != EINTR {
                return
            }
        }
    }

    /// To be put behind a sentence.
    var text: String {
        let lines = String(decoding: tail, as: UTF8.self).split(whereSeparator: \.isNewline)
        return lines.isEmpty ? "" : ": " + lines.joined(separator: "; ")
    }
}
