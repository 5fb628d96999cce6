import Glibc
import SystemPackage

/// Where text goes.
protocol TextSink: Sendable {
    var isTerminal: Bool { get }
    /// The width of the terminal; `nil` when it is none.
    var columns: Int? { get }
    /// Writes all of it.
    func write(_ text: String) throws(Errno)
    /// Writes it if that can be done at once. A terminal may stand still together with a file system.
    func offer(_ text: String)
}

/// A descriptor of this process.
struct DescriptorSink: TextSink {
    private let descriptor: FileDescriptor

    init(_ descriptor: FileDescriptor) {
        self.descriptor = descriptor
    }

    var isTerminal: Bool { isatty(descriptor.rawValue) == 1 }

    var columns: Int? {
        var size = winsize()
        guard ioctl(descriptor.rawValue, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }

    func write(_ text: String) throws(Errno) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            do {
                rest = rest.dropFirst(try rest.withUnsafeBytes { try descriptor.write($0) })
            } catch let error as Errno where error == .resourceTemporarilyUnavailable {
                // Whoever shares the descriptor made it non-blocking.
                _ = isWritable(waiting: -1)
            } catch {
                throw error as? Errno ?? .ioError
            }
        }
    }

    func offer(_ text: String) {
        guard isWritable(waiting: 0) else { return }
        try? write(text)
    }

    private func isWritable(waiting milliseconds: CInt) -> Bool {
        var request = pollfd(fd: descriptor.rawValue, events: Int16(POLLOUT), revents: 0)
        return poll(&request, 1, milliseconds) == 1
    }
}
