import Glibc
public import SystemPackage

/// Files that are replaced as a whole.
public enum AtomicFile {
    /// Writes a new file beside `path`, flushes it, renames it to `path` and flushes the directory: after a crash at
    /// any moment there is the old content or the new one. openat(2) with O_EXCL, fsync(2), renameat(2).
    ///
    /// Several may write at once: each has a new file of its own, hidden and named after `path`, and the last one wins.
    /// A crash may leave one.
    ///
    /// - Parameter permissions: exactly these, whatever the umask is.
    public static func write(
        _ bytes: some Sequence<UInt8>, to path: FilePath, permissions: FilePermissions = .ownerReadWrite
    ) throws(SystemCallError) {
        let directory = path.removingLastComponent()
        let parent: FilePath = directory.isEmpty ? "." : directory
        let folder = try naming("open", parent) {
            try FileDescriptor.open(parent, .readOnly, options: [.directory, .closeOnExec])
        }
        defer { try? folder.close() }
        try write(bytes, to: path, in: folder, permissions: permissions)
    }

    /// ``write(_:to:permissions:)`` into a directory that is open, whatever becomes of its path meanwhile.
    ///
    /// - Parameters:
    ///   - path: its last component is the file's name; the rest is for errors.
    ///   - folder: may be open with O_PATH.
    public static func write(
        _ bytes: some Sequence<UInt8>, to path: FilePath, in folder: FileDescriptor,
        permissions: FilePermissions = .ownerReadWrite
    ) throws(SystemCallError) {
        guard let name = path.lastComponent, name.kind == .regular else {
            throw SystemCallError("open", path, .isDirectory)
        }
        let temporary = ".\(name.string).\(String(UInt64.random(in: .min ... .max), radix: 16))"
        let beside = path.removingLastComponent().appending(temporary)
        // Whoever else writes in the directory may have put a link there: it is not followed, and refused.
        let file = FileDescriptor(
            rawValue: openat(folder.rawValue, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600))
        guard file.rawValue >= 0 else { throw SystemCallError("open", beside, .last) }
        defer { try? file.close() }
        do throws(SystemCallError) {
            try naming("write", beside) { _ = try file.writeAll(bytes) }
            guard fchmod(file.rawValue, mode_t(permissions.rawValue)) == 0 else {
                throw SystemCallError("fchmod", beside, .last)
            }
            guard fsync(file.rawValue) == 0 else { throw SystemCallError("fsync", beside, .last) }
            guard renameat(folder.rawValue, temporary, folder.rawValue, name.string) == 0 else {
                throw SystemCallError("rename", path, .last)
            }
        } catch {
            unlinkat(folder.rawValue, temporary, 0)
            throw error
        }
        try flush(folder, path.removingLastComponent())
    }

    /// fsync(2) refuses a descriptor of O_PATH.
    private static func flush(_ folder: FileDescriptor, _ path: FilePath) throws(SystemCallError) {
        let readable = FileDescriptor(rawValue: openat(folder.rawValue, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC))
        guard readable.rawValue >= 0 else { throw SystemCallError("open", path, .last) }
        defer { try? readable.close() }
        guard fsync(readable.rawValue) == 0 else { throw SystemCallError("fsync", path, .last) }
    }
}
