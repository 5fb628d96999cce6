import CLinux
import Glibc
public import SystemPackage

/// FIFREEZE and FITHAW on an open directory or file of a file system (ioctl_fs(2) family, fs/ioctl.c).
///
/// The kernel does not tell whether a file system is frozen; all there is are EBUSY and EINVAL of these calls.
public enum FileSystemFreeze {
    /// Blocks until everything is flushed and writers have stopped. Not interruptible.
    ///
    /// - Returns: 0, or errno: EBUSY when it is frozen already, EOPNOTSUPP when it cannot be.
    @inline(__always)
    public static func freeze(_ descriptor: FileDescriptor) -> Int32 {
        while sp_fifreeze(descriptor.rawValue) != 0 {
            if errno != EINTR { return errno }
        }
        return 0
    }

    /// - Returns: 0, or errno: EINVAL when it is not frozen.
    @inline(__always)
    public static func thaw(_ descriptor: FileDescriptor) -> Int32 {
        while sp_fithaw(descriptor.rawValue) != 0 {
            if errno != EINTR { return errno }
        }
        return 0
    }

    /// Thaws a file system through whichever of its mounts can be opened.
    ///
    /// - Parameters:
    ///   - device: The superblock's.
    ///   - mounts: Those of the host, in all namespaces.
    /// - Returns: as ``thaw(_:)``, EACCES when no mount of it can be opened; `nil` when there is none.
    public static func thaw(_ device: DeviceNumber, mountedAt mounts: [NamespacedMount]) -> Int32? {
        let own = mounts.filter { $0.mount.device == device }
        guard !own.isEmpty else { return nil }
        guard let place = try? OpenMount.open(anyOf: own) else { return EACCES }
        defer { try? place.close() }
        return thaw(place)
    }

    /// syncfs(2): writes out what can be written before a freeze, so that the freeze has little left to flush.
    ///
    /// - Returns: 0, or errno.
    public static func sync(_ descriptor: FileDescriptor) -> Int32 { sp_syncfs(descriptor.rawValue) == 0 ? 0 : errno }
}
