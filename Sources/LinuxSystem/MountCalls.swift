import Glibc
public import SystemPackage

/// Flags of mount(2).
public struct MountFlags: OptionSet, Sendable, Hashable, CustomStringConvertible {
    /// The bits of `mountflags`.
    public let rawValue: UInt

    /// From the bits of `mountflags` (include/uapi/linux/mount.h).
    public init(rawValue: UInt) { self.rawValue = rawValue }

    /// MS_RDONLY
    public static let readOnly = MountFlags(rawValue: 0x1)
    /// MS_NOSUID
    public static let noSUID = MountFlags(rawValue: 0x2)
    /// MS_NODEV
    public static let noDev = MountFlags(rawValue: 0x4)
    /// MS_NOEXEC
    public static let noExec = MountFlags(rawValue: 0x8)
    /// MS_REMOUNT: changes a mount's superblock, with ``bind`` only the mount.
    public static let remount = MountFlags(rawValue: 0x20)
    /// MS_NOATIME
    public static let noATime = MountFlags(rawValue: 0x400)
    /// MS_BIND. The kernel ignores all other flags then: see ``MountCalls/mount(_:at:type:flags:options:)``.
    public static let bind = MountFlags(rawValue: 0x1000)
    /// MS_REC
    public static let recursive = MountFlags(rawValue: 0x4000)
    /// MS_PRIVATE: changes of the mount are not seen in other namespaces.
    public static let makePrivate = MountFlags(rawValue: 0x40000)

    /// `ro,nosuid`
    public var description: String {
        let names: [(MountFlags, String)] = [
            (.readOnly, "ro"), (.noSUID, "nosuid"), (.noDev, "nodev"), (.noExec, "noexec"), (.remount, "remount"),
            (.noATime, "noatime"), (.bind, "bind"), (.recursive, "rec"), (.makePrivate, "private"),
        ]
        return names.filter { contains($0.0) }.map(\.1).joined(separator: ",")
    }
}

/// A mount(2) or umount2(2) that failed.
public struct MountCallError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was to be mounted; `nil` for an unmount.
    public var source: String?
    /// The mount point.
    public var target: FilePath
    /// The file system's type; `nil` when none was given.
    public var type: String?
    /// Flags of the failing call.
    public var flags: MountFlags
    /// The options of the file system, as given.
    public var options: String
    /// EBUSY, EINVAL, ...; the kernel log says more about a bad superblock.
    public var errno: Errno

    /// `mount /dev/mapper/x at /y (xfs, ro, nouuid): Device or resource busy`
    public var description: String {
        guard let source else { return "unmount \(target): \(errno)" }
        let details = [type ?? "", flags.description, options].filter { !$0.isEmpty }.joined(separator: ", ")
        return "mount \(source) at \(target)" + (details.isEmpty ? "" : " (\(details))") + ": \(errno)"
    }
}

/// mount(2) and umount2(2).
public enum MountCalls {
    /// Mounts.
    ///
    /// A bind mount with restrictions takes a second call, because the kernel ignores them in the first; when that
    /// fails the bind mount is undone.
    ///
    /// - Parameters:
    ///   - source: a device, or a path for a bind mount; anything for a type without a device.
    ///   - target: must exist. Symbolic links in it are followed.
    ///   - type: required except with `bind`, `remount` and `makePrivate`.
    ///   - options: the file system's own, separated by commas (`nouuid,norecovery`): not `ro` or `nosuid`.
    public static func mount(
        _ source: String, at target: FilePath, type: String? = nil, flags: MountFlags = [], options: String = ""
    ) throws(MountCallError) {
        try call(source, target, type, flags, options)
        let restrictions = flags.subtracting([.bind, .recursive])
        guard flags.contains(.bind), !flags.contains(.remount), !restrictions.isEmpty else { return }
        do {
            try call(source, target, nil, restrictions.union([.bind, .remount]), "")
        } catch {
            try? unmount(target)
            throw error
        }
    }

    /// Unmounts what was mounted last at `target`, which is not followed when it is a symbolic link
    /// (UMOUNT_NOFOLLOW).
    ///
    /// - Parameter detach: MNT_DETACH: out of sight now, unmounted when nobody uses it any more.
    public static func unmount(_ target: FilePath, detach: Bool = false) throws(MountCallError) {
        // MNT_DETACH 2, UMOUNT_NOFOLLOW 8 (sys/mount.h)
        let flags: CInt = 8 | (detach ? 2 : 0)
        guard target.withPlatformString({ umount2($0, flags) }) == 0 else {
            throw MountCallError(source: nil, target: target, type: nil, flags: [], options: "", errno: .last)
        }
    }

    private static func call(
        _ source: String, _ target: FilePath, _ type: String?, _ flags: MountFlags, _ options: String
    ) throws(MountCallError) {
        let result = target.withPlatformString { target in
            // The kernel copies a whole page from `data` unless it is nil.
            guard let type else {
                return Glibc.mount(source, target, nil, flags.rawValue, options.isEmpty ? nil : options)
            }
            return Glibc.mount(source, target, type, flags.rawValue, options.isEmpty ? nil : options)
        }
        guard result == 0 else {
            throw MountCallError(
                source: source, target: target, type: type, flags: flags, options: options, errno: .last)
        }
    }
}
