import CLinux
import Glibc
public import SystemPackage

/// Directories inside a tree whose content somebody else wrote: links in it are not followed, and no other mount is
/// entered.
public enum DirectoryBelow {
    /// Opens a directory with O_PATH by its path below another one. ELOOP, ENOTDIR, ENOENT and EXDEV tell of a tree
    /// that does not have it.
    ///
    /// - Parameter path: relative; an empty one is the directory itself.
    public static func open(_ path: FilePath, in directory: FileDescriptor) throws(SystemCallError) -> FileDescriptor {
        let place: FilePath = path.isEmpty ? "." : path
        let raw = place.withPlatformString { sp_open_beneath(directory.rawValue, $0) }
        guard raw >= 0 else { throw SystemCallError("open", path, .last) }
        return FileDescriptor(rawValue: raw)
    }

    /// Opens a directory with O_PATH, and makes what is missing of its path: mode 0755 whatever the umask is.
    public static func make(_ path: FilePath, in directory: FileDescriptor) throws(SystemCallError) -> FileDescriptor {
        var reached = FilePath()
        for component in path.components {
            let parent = try open(reached, in: directory)
            defer { try? parent.close() }
            reached.append(component)
            let made = component.withPlatformString { name in
                guard mkdirat(parent.rawValue, name, 0o755) == 0 else { return Errno.last == .fileExists }
                return fchmodat(parent.rawValue, name, 0o755, 0) == 0
            }
            guard made else { throw SystemCallError("mkdir", reached, .last) }
        }
        return try open(path, in: directory)
    }

    /// Opens a directory with O_PATH by an absolute path without symbolic links. Other mounts are entered.
    public static func open(_ path: FilePath) throws(SystemCallError) -> FileDescriptor {
        let raw = path.withPlatformString { sp_open_without_links($0) }
        guard raw >= 0 else { throw SystemCallError("open", path, .last) }
        return FileDescriptor(rawValue: raw)
    }
}
