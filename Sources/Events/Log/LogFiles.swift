import Glibc
import LinuxSystem
import SystemPackage

/// The files of the log, by number: 0 is the newest.
struct LogFiles {
    private let directory: FilePath

    init(_ directory: FilePath) { self.directory = directory }

    static func name(_ number: Int) -> String { number == 0 ? "events.jsonl" : "events.\(number).jsonl" }

    /// `nil` for a file that is none of the log's.
    static func number(_ name: String) -> Int? {
        if name == self.name(0) { return 0 }
        guard let number = Int(name.dropFirst("events.".count).dropLast(".jsonl".count)), number > 0,
            self.name(number) == name
        else { return nil }
        return number
    }

    private func path(_ number: Int) -> FilePath { directory.appending(Self.name(number)) }

    /// Those that are there, the oldest first.
    func numbers() throws -> [Int] { try DirectoryListing.names(directory).compactMap(Self.number).sorted(by: >) }

    func open(_ number: Int) throws -> LogFile { try LogFile(path(number)) }

    /// All of them, the oldest first.
    func open() throws -> [LogFile] { try numbers().map { try open($0) } }

    func exists(_ number: Int) -> Bool {
        var status = stat()
        return path(number).withPlatformString { lstat($0, &status) } == 0
    }

    /// In bytes; 0 for one that is not there.
    func size(_ number: Int) throws -> Int {
        var status = stat()
        guard path(number).withPlatformString({ lstat($0, &status) }) == 0 else {
            let error = Errno(rawValue: errno)
            guard error == .noSuchFileOrDirectory else { throw SystemCallError("lstat", path(number), error) }
            return 0
        }
        return Int(status.st_size)
    }

    /// The newest event's; 0 when there is none.
    func lastSequence() throws -> UInt64 {
        for number in try numbers().reversed() {
            if let sequence = try open(number).lastSequence() { return sequence }
        }
        return 0
    }

    // MARK: Changing

    /// Gives each file the next number, so that there is none with 0. The order stays whenever this is interrupted: the
    /// oldest moves first, and into a gap where there is one.
    func shift() throws {
        var end = 0
        while exists(end) { end += 1 }
        for number in (0..<end).reversed() {
            let status = path(number).withPlatformString { old in
                path(number + 1).withPlatformString { Glibc.rename(old, $0) }
            }
            guard status == 0 else { throw SystemCallError("rename", path(number), Errno(rawValue: errno)) }
        }
    }

    func remove(_ numbers: [Int]) throws {
        for number in numbers {
            let status = path(number).withPlatformString { Glibc.unlink($0) }
            guard status == 0 || Errno(rawValue: errno) == .noSuchFileOrDirectory else {
                throw SystemCallError("unlink", path(number), Errno(rawValue: errno))
            }
        }
    }

    /// Adds a line to the newest file, by one write(2), and flushes it. A line before it that has no end, as a power
    /// cut leaves it, gets one.
    ///
    /// - Parameter line: without a newline.
    func append(_ line: [UInt8]) throws {
        let path = path(0)
        let file = try naming("open", path) {
            try FileDescriptor.open(
                path, .readWrite, options: [.create, .append, .closeOnExec, .noFollow, .nonBlocking],
                permissions: .ownerReadWrite)
        }
        defer { try? file.close() }
        var status = stat()
        guard fstat(file.rawValue, &status) == 0 else { throw SystemCallError("fstat", path, Errno(rawValue: errno)) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw SystemCallError("open", path, .invalidArgument) }
        let isTorn = try status.st_size > 0 && lastByte(of: file, at: Int64(status.st_size) - 1) != LogFile.newline
        let bytes = (isTorn ? [LogFile.newline] : []) + line + [LogFile.newline]
        do {
            try Self.write(bytes, to: file, path)
            guard fsync(file.rawValue) == 0 else { throw SystemCallError("fsync", path, Errno(rawValue: errno)) }
        } catch {
            // Nobody else writes meanwhile: what there is of the line goes.
            _ = ftruncate(file.rawValue, status.st_size)
            throw error
        }
        if status.st_size == 0 { try flushDirectory() }
    }

    private func lastByte(of file: FileDescriptor, at offset: Int64) throws -> UInt8? {
        var byte: [UInt8] = [0]
        let count = try naming("read", path(0)) {
            try byte.withUnsafeMutableBytes { try file.read(fromAbsoluteOffset: offset, into: $0) }
        }
        return count == 1 ? byte[0] : nil
    }

    private static func write(_ bytes: [UInt8], to file: FileDescriptor, _ path: FilePath) throws(SystemCallError) {
        var count = -1
        repeat {
            count = Glibc.write(file.rawValue, bytes, bytes.count)
        } while count < 0 && errno == EINTR
        guard count >= 0 else { throw SystemCallError("write", path, Errno(rawValue: errno)) }
        guard count == bytes.count else { throw SystemCallError("write", path, Errno(rawValue: ENOSPC)) }
    }

    /// The names of new and moved files, too.
    private func flushDirectory() throws {
        let folder = try naming("open", directory) {
            try FileDescriptor.open(directory, .readOnly, options: [.directory, .closeOnExec])
        }
        defer { try? folder.close() }
        guard fsync(folder.rawValue) == 0 else { throw SystemCallError("fsync", directory, Errno(rawValue: errno)) }
    }
}
