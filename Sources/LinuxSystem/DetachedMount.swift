import CLinux
import Glibc
public import SystemPackage

/// A file system that the kernel would not mount.
public struct DetachedMountError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The device, or what stands for it.
    public var source: String
    /// `xfs`
    public var type: String
    /// `ro`, `nouuid`, ...
    public var options: [String]
    /// EBUSY, EINVAL, EUCLEAN for a damaged superblock, ...
    public var errno: Errno
    /// What the file system itself had to say; most say it to the kernel log instead.
    public var message: String

    /// `mount /dev/vg0/x (xfs, ro, nouuid): Structure needs cleaning (xfs: ...)`
    public var description: String {
        "mount \(source) (\(([type] + options).joined(separator: ", "))): \(errno)"
            + (message.isEmpty ? "; `dmesg` may tell more" : " (\(message))")
    }
}

/// What a mount forbids, whatever the file system on it allows.
public struct MountAttributes: OptionSet, Sendable, Hashable {
    /// MOUNT_ATTR_* (include/uapi/linux/mount.h).
    public let rawValue: UInt64

    /// From the kernel's bits.
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// MOUNT_ATTR_RDONLY
    public static let readOnly = MountAttributes(rawValue: 0x1)
    /// MOUNT_ATTR_NOSUID
    public static let noSUID = MountAttributes(rawValue: 0x2)
    /// MOUNT_ATTR_NODEV
    public static let noDev = MountAttributes(rawValue: 0x4)
    /// MOUNT_ATTR_NOEXEC
    public static let noExec = MountAttributes(rawValue: 0x8)
}

/// A mounted file system that is attached nowhere, so nobody can reach it: it goes with the value, unless it was
/// attached.
///
/// The kernel's newer mount calls and not mount(2): the place is an open directory and not a path that could lead
/// elsewhere meanwhile, and the descriptor is the mount's root for whatever is to be mounted inside.
public final class DetachedMount: Sendable {
    /// Its root directory, opened with O_PATH.
    public let root: FileDescriptor

    private init(root: FileDescriptor) { self.root = root }

    deinit { try? root.close() }

    /// - Parameter options: the superblock's: `ro`, `nouuid`, `size=1m`.
    public static func make(
        type: String, source: String, options: [String] = [], attributes: MountAttributes = []
    ) throws(DetachedMountError) -> DetachedMount {
        let words: [UnsafeMutablePointer<CChar>?] = options.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        let pointers = words.map { $0.map { UnsafePointer($0) } }
        var message = [CChar](repeating: 0, count: 1024)
        let raw = sp_detached_mount(type, source, pointers, attributes.rawValue, &message, message.count)
        guard raw >= 0 else {
            let reason = Errno.last
            let text = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            throw DetachedMountError(
                source: source, type: type, options: options, errno: reason,
                message: String(decoding: text, as: UTF8.self))
        }
        return DetachedMount(root: FileDescriptor(rawValue: raw))
    }

    /// Mounts it on a directory that was opened with O_PATH.
    ///
    /// - Parameter path: what to call the directory in an error.
    public func attach(at directory: FileDescriptor, path: FilePath) throws(SystemCallError) {
        guard sp_attach(root.rawValue, directory.rawValue) == 0 else {
            throw SystemCallError("move_mount", path, .last)
        }
    }

    /// From now on nothing can be written through this mount.
    public func makeReadOnly() throws(SystemCallError) {
        guard sp_mount_read_only(root.rawValue) == 0 else { throw SystemCallError("mount_setattr", "", .last) }
    }
}
