import CLinux
import Glibc
import SystemPackage

/// A file in memory that a program can be given: memfd_create(2).
final class MemoryFile: Sendable {
    let descriptor: FileDescriptor

    /// At its beginning.
    init(_ content: some Sequence<UInt8> = []) throws(SinkFailure) {
        descriptor = FileDescriptor(rawValue: sp_memfile("stillpoint-event"))
        guard descriptor.rawValue >= 0 else { throw SinkProgram.failure("memfd_create") }
        guard (try? descriptor.writeAll(content)) != nil, lseek(descriptor.rawValue, 0, SEEK_SET) == 0 else {
            throw SinkProgram.failure("write")
        }
    }

    deinit { try? descriptor.close() }

    /// Under this name a child of this process can open it, as long as this lives.
    var path: String { "/proc/\(getpid())/fd/\(descriptor.rawValue)" }

    /// What is in it, at most so much.
    func text(limit: Int) -> String {
        var buffer = [UInt8](repeating: 0, count: limit)
        let count = pread(descriptor.rawValue, &buffer, limit, 0)
        return String(decoding: buffer[..<max(0, count)], as: UTF8.self)
    }
}
