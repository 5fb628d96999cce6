import Glibc
import LinuxSystem
import SystemPackage

/// One file of the log, open, as far as it reached then.
final class LogFile: Sendable {
    static let newline = UInt8(ascii: "\n")

    private let path: FilePath
    private let descriptor: FileDescriptor
    /// In bytes.
    let size: Int

    init(_ path: FilePath) throws {
        let descriptor = try naming("open", path) {
            try FileDescriptor.open(path, .readOnly, options: [.noFollow, .closeOnExec, .nonBlocking])
        }
        var status = stat()
        guard fstat(descriptor.rawValue, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            try? descriptor.close()
            throw SystemCallError("open", path, .invalidArgument)
        }
        self.path = path
        self.descriptor = descriptor
        size = Int(status.st_size)
    }

    deinit { try? descriptor.close() }

    var name: String { path.lastComponent?.string ?? "" }

    /// Gives `body` each line with its number, from 1 and without its newline, until it returns false. A last line
    /// without a newline counts: only an event that is whole can be read.
    func forEachLine(_ body: (_ number: Int, _ line: [UInt8]) throws -> Bool) throws {
        var begun: [UInt8] = []
        var number = 0
        var offset = 0
        while offset < size {
            let part = try read(at: offset, count: min(1 << 16, size - offset))
            if part.isEmpty { break }
            offset += part.count
            var rest = part[...]
            while let end = rest.firstIndex(of: Self.newline) {
                begun += rest[..<end]
                number += 1
                guard try body(number, begun) else { return }
                begun = []
                rest = rest[(end + 1)...]
            }
            begun += rest
        }
        if !begun.isEmpty { _ = try body(number + 1, begun) }
    }

    /// Of the first event in it.
    func firstSequence() throws -> UInt64? {
        var first: UInt64?
        try forEachLine { _, bytes in
            first = LogLine(bytes)?.sequence
            return first == nil
        }
        return first
    }

    /// Of the last event in it.
    func lastSequence() throws -> UInt64? {
        let start = max(0, size - 1 << 18)
        let lines = try read(at: start, count: size - start).split(separator: Self.newline).map { Array($0) }
        // The first is cut off, unless all is there.
        for line in lines.dropFirst(start == 0 ? 0 : 1).reversed() {
            if let line = LogLine(line) { return line.sequence }
        }
        guard start > 0 else { return nil }
        var last: UInt64?
        try forEachLine { _, bytes in
            last = LogLine(bytes)?.sequence ?? last
            return true
        }
        return last
    }

    private func read(at offset: Int, count: Int) throws -> ArraySlice<UInt8> {
        var buffer = [UInt8](repeating: 0, count: count)
        let got = try naming("read", path) {
            try buffer.withUnsafeMutableBytes { try descriptor.read(fromAbsoluteOffset: Int64(offset), into: $0) }
        }
        return buffer[..<got]
    }
}
