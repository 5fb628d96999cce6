import Glibc
public import SystemPackage

/// Files that are replaced as a whole.
public enum AtomicFile {
    /// Writes a new file beside `path`, flushes it, renames it to `path` and flushes the directory: after a crash at
    /// any moment there is the old content or the new one. open(2) with O_EXCL, fsync(2), rename(2).
    ///
    /// One writer at a time: the new file's name is that of `path` with `.new`, and one left by a crash is replaced.
    ///
    /// - Parameter permissions: the umask applies.
    public static func write(
        _ bytes: some Sequence<UInt8>, to path: FilePath, permissions: FilePermissions = .ownerReadWrite
    ) throws(SystemCallError) {
        guard let name = path.lastComponent else { throw SystemCallError("open", path, .isDirectory) }
        let directory = path.removingLastComponent()
        let parent: FilePath = directory.isEmpty ? "." : directory
        let temporary = parent.appending(name.string + ".new")
        _ = temporary.withPlatformString { unlink($0) }
        do throws(SystemCallError) {
            let file = try naming("open", temporary) {
                try FileDescriptor.open(
                    temporary, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec, .noFollow],
                    permissions: permissions)
            }
            defer { try? file.close() }
            try naming("write", temporary) { _ = try file.writeAll(bytes) }
            guard fsync(file.rawValue) == 0 else { throw SystemCallError("fsync", temporary, .last) }
            let status = temporary.withPlatformString { old in path.withPlatformString { rename(old, $0) } }
            guard status == 0 else { throw SystemCallError("rename", path, .last) }
        } catch {
            _ = temporary.withPlatformString { unlink($0) }
            throw error
        }
        let folder = try naming("open", parent) {
            try FileDescriptor.open(parent, .readOnly, options: [.directory, .closeOnExec])
        }
        defer { try? folder.close() }
        guard fsync(folder.rawValue) == 0 else { throw SystemCallError("fsync", parent, .last) }
    }
}
