import Glibc
public import SystemPackage

/// A file that others could change, or that is none.
public struct UnsafeFileError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong with it.
    public enum Reason: Sendable, Equatable {
        /// It leads out of the directory it has to be in; where to.
        case outside(FilePath)
        /// A directory, a device, ...
        case notRegular
        /// It belongs to another user; uids.
        case owner(UInt32, wanted: UInt32)
        /// Its group or others may write; the permission bits (07777).
        case writable(UInt16)
        /// More bytes than are taken; the limit.
        case tooLarge(Int)
    }

    /// The file.
    public var path: FilePath
    /// Why it is refused.
    public var reason: Reason

    /// Says what to do.
    public var description: String {
        switch reason {
        case .outside(let target): "\(path) leads out of its directory, to \(target): copy the file instead"
        case .notRegular: "\(path) is no regular file: move it away"
        case .owner(let owner, let wanted):
            "\(path) belongs to uid \(owner), not to uid \(wanted): chown \(wanted) \(path)"
        case .writable(let mode):
            "\(path) has mode 0\(String(mode, radix: 8)), so that others can change it: chmod go-w \(path)"
        case .tooLarge(let limit): "\(path) is larger than \(limit) bytes"
        }
    }
}

/// Files that say what root does.
public enum SafeFile {
    /// Checks that a file below `directory` belongs to the effective user, that nobody else may write it or exchange it,
    /// and that no link leads out of the directory.
    ///
    /// - Returns: where it is, without links.
    /// - Throws: ``UnsafeFileError``, ``UnsafeDirectoryError``, ``SystemCallError``.
    public static func verify(_ path: FilePath, below directory: FilePath) throws -> FilePath {
        let (real, file) = try open(path, below: directory)
        try? file.close()
        return real
    }

    /// The content of a file that ``verify(_:below:)`` would accept.
    ///
    /// - Parameter limit: the most bytes that are taken.
    public static func read(_ path: FilePath, below directory: FilePath, limit: Int) throws -> [UInt8] {
        var content: [UInt8] = []
        try read(path, below: directory) { part in
            content += part
            guard content.count <= limit else { throw UnsafeFileError(path: path, reason: .tooLarge(limit)) }
        }
        return content
    }

    /// Gives `body` the content of a file that ``verify(_:below:)`` would accept, part by part.
    public static func read(
        _ path: FilePath, below directory: FilePath, _ body: (ArraySlice<UInt8>) throws -> Void
    ) throws {
        let (real, file) = try open(path, below: directory)
        defer { try? file.close() }
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = try naming("read", real) { try buffer.withUnsafeMutableBytes { try file.read(into: $0) } }
            if count == 0 { return }
            try body(buffer[..<count])
        }
    }

    private static func open(_ path: FilePath, below directory: FilePath) throws -> (FilePath, FileDescriptor) {
        try SafeDirectory.verify(directory)
        let real = try resolve(path)
        guard real.starts(with: directory), real != directory else {
            throw UnsafeFileError(path: path, reason: .outside(real))
        }
        // Directories between, too.
        try SafeDirectory.verify(real.removingLastComponent())
        let file = try naming("open", real) {
            // Not a FIFO that waits for a writer.
            try FileDescriptor.open(real, .readOnly, options: [.noFollow, .closeOnExec, .nonBlocking])
        }
        do {
            try check(file, path)
            return (real, file)
        } catch {
            try? file.close()
            throw error
        }
    }

    private static func check(_ file: FileDescriptor, _ path: FilePath) throws {
        var status = stat()
        guard fstat(file.rawValue, &status) == 0 else { throw SystemCallError("fstat", path, .last) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw UnsafeFileError(path: path, reason: .notRegular) }
        guard status.st_uid == geteuid() else {
            throw UnsafeFileError(path: path, reason: .owner(status.st_uid, wanted: geteuid()))
        }
        guard status.st_mode & (S_IWGRP | S_IWOTH) == 0 else {
            throw UnsafeFileError(path: path, reason: .writable(UInt16(status.st_mode & 0o7777)))
        }
    }

    /// realpath(3).
    private static func resolve(_ path: FilePath) throws(SystemCallError) -> FilePath {
        guard let text = path.withPlatformString({ realpath($0, nil) }) else {
            throw SystemCallError("realpath", path, .last)
        }
        defer { free(text) }
        return FilePath(platformString: text)
    }
}
