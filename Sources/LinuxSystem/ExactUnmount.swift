import CLinux
import Glibc
public import SystemPackage

/// Why one certain mount was not unmounted.
public enum ExactUnmountError: Error, Sendable, Equatable, CustomStringConvertible {
    /// EBUSY: files in it are open, or something is mounted in it.
    case busy(FilePath)
    /// Its mount point leads to another mount now: it was mounted over, or is gone.
    case covered(FilePath)
    /// Any other failure.
    case call(SystemCallError)

    /// Names the mount point.
    public var description: String {
        switch self {
        case .busy(let path): "\(path) is in use"
        case .covered(let path): "\(path) leads to another mount: something was mounted over it"
        case .call(let error): error.description
        }
    }
}

extension MountCalls {
    /// Unmounts the mount that a mount table names, and no other. Its mount point may lie in a tree that others change:
    /// no link on the way to it is followed, and what is found there is compared by its mount id.
    public static func unmount(exactly mount: Mount) throws(ExactUnmountError) {
        let path = mount.mountPoint
        guard let name = path.lastComponent else { throw .call(SystemCallError("umount", path, .invalidArgument)) }
        do throws(SystemCallError) {
            // Of the parent only: a descriptor of the mount itself would keep it busy.
            let parent = try DirectoryBelow.open(path.removingLastComponent())
            defer { try? parent.close() }
            var found: UInt64 = 0
            guard name.withPlatformString({ sp_mount_at(parent.rawValue, $0, &found) }) == 0 else {
                throw SystemCallError("statx", path, .last)
            }
            if found == mount.id {
                try unmount(name, in: parent, path)
                return
            }
        } catch {
            throw error.errno == .resourceBusy ? .busy(path) : .call(error)
        }
        throw .covered(path)
    }

    private static func unmount(
        _ name: FilePath.Component, in parent: FileDescriptor, _ path: FilePath
    ) throws(SystemCallError) {
        do {
            try unmount(FilePath("/proc/self/fd/\(parent.rawValue)").appending(name))
        } catch {
            throw SystemCallError("umount", path, error.errno)
        }
    }
}
