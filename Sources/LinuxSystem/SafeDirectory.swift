import Glibc
public import SystemPackage

/// A directory that others could change, or that is none.
public struct UnsafeDirectoryError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong with it.
    public enum Reason: Sendable, Equatable {
        /// A path that does not begin with `/`, or has `..` in it.
        case notAbsolute
        /// A symbolic link.
        case symbolicLink
        /// A file of another kind.
        case notDirectory
        /// It belongs to another user; uids.
        case owner(UInt32, wanted: UInt32)
        /// Its group or others may write; the permission bits (07777).
        case writable(UInt16)
    }

    /// The path or the directory above it that is unsafe.
    public var path: FilePath
    /// Why it is refused.
    public var reason: Reason

    /// Says what to do.
    public var description: String {
        switch reason {
        case .notAbsolute: "\(path) is not an absolute path without `..`: give one"
        case .symbolicLink: "\(path) is a symbolic link: give the path it leads to, or replace it by a directory"
        case .notDirectory: "\(path) is not a directory: move it away"
        case .owner(let owner, let wanted):
            "\(path) belongs to uid \(owner), not to uid \(wanted): chown \(wanted) \(path)"
        case .writable(let mode):
            "\(path) has mode 0\(String(mode, radix: 8)), so that others can write in it: chmod go-w \(path)"
        }
    }
}

/// Directories for what only root may change: /run/stillpoint and the like.
public enum SafeDirectory {
    /// Makes the directory when it is not there, with its parents, and checks it and every directory above it.
    ///
    /// The directory itself must belong to the effective user and be writable by nobody else. One above it may belong
    /// to root too, and may be writable by others when it is sticky, like /tmp. No part of the path may be a symbolic
    /// link. Each step starts from the open directory before it, so nothing can be exchanged in between.
    ///
    /// - Parameter permissions: of directories that are made (the umask applies); existing ones keep theirs.
    /// - Throws: ``UnsafeDirectoryError``, ``SystemCallError``.
    public static func ensure(_ path: FilePath, permissions: FilePermissions = .ownerReadWriteExecute) throws {
        try walk(path, create: permissions)
    }

    /// ``ensure(_:permissions:)`` for a directory that must be there.
    public static func verify(_ path: FilePath) throws { try walk(path, create: nil) }

    private static func walk(_ path: FilePath, create permissions: FilePermissions?) throws {
        guard path.isAbsolute, path.components.allSatisfy({ $0.kind == .regular }) else {
            throw UnsafeDirectoryError(path: path, reason: .notAbsolute)
        }
        var directory = try naming("open", "/") {
            try FileDescriptor.open("/", .readOnly, options: [.directory, .closeOnExec])
        }
        defer { try? directory.close() }
        var reached: FilePath = "/"
        try check(directory, reached, isLast: path.components.isEmpty)
        for (index, component) in path.components.enumerated() {
            reached.append(component)
            let name = FilePath(root: nil, [component])
            if let permissions, mkdir(directory, name, permissions) != 0, Errno.last != .fileExists {
                throw SystemCallError("mkdir", reached, .last)
            }
            let next = FileDescriptor(
                rawValue: name.withPlatformString {
                    openat(directory.rawValue, $0, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
                })
            guard next.rawValue >= 0 else { throw refusal(.last, directory, name, reached) }
            try? directory.close()
            directory = next
            try check(directory, reached, isLast: index == path.components.count - 1)
        }
    }

    private static func mkdir(_ directory: FileDescriptor, _ name: FilePath, _ mode: FilePermissions) -> CInt {
        name.withPlatformString { mkdirat(directory.rawValue, $0, mode_t(mode.rawValue)) }
    }

    /// ENOTDIR is given for a symbolic link and for other files alike.
    private static func refusal(
        _ errno: Errno, _ directory: FileDescriptor, _ name: FilePath, _ reached: FilePath
    ) -> any Error {
        var status = stat()
        let found = name.withPlatformString { fstatat(directory.rawValue, $0, &status, AT_SYMLINK_NOFOLLOW) } == 0
        guard found, errno == .notDirectory || errno == .tooManySymbolicLinkLevels else {
            return SystemCallError("open", reached, errno)
        }
        let isLink = status.st_mode & S_IFMT == S_IFLNK
        return UnsafeDirectoryError(path: reached, reason: isLink ? .symbolicLink : .notDirectory)
    }

    private static func check(_ directory: FileDescriptor, _ path: FilePath, isLast: Bool) throws {
        var status = stat()
        guard fstat(directory.rawValue, &status) == 0 else { throw SystemCallError("fstat", path, .last) }
        let user = geteuid()
        guard status.st_uid == user || !isLast && status.st_uid == 0 else {
            throw UnsafeDirectoryError(path: path, reason: .owner(status.st_uid, wanted: user))
        }
        let isSticky = !isLast && status.st_mode & S_ISVTX != 0
        guard status.st_mode & (S_IWGRP | S_IWOTH) == 0 || isSticky else {
            throw UnsafeDirectoryError(path: path, reason: .writable(UInt16(status.st_mode & 0o7777)))
        }
    }
}
