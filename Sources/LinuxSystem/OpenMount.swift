import CLinux
import Glibc
public import SystemPackage

/// Why a mount was not opened.
public enum OpenMountError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The path could not be opened; `open`, `statx`.
    case call(SystemCallError)
    /// Another mount is there now: it was mounted over, unmounted or swapped.
    case otherMount(path: FilePath, wanted: UInt64, found: UInt64)
    /// The mount id is that of another file system now: it was unmounted and the id used again.
    case otherDevice(path: FilePath, wanted: DeviceNumber, found: DeviceNumber)
    /// A mount point that is a device node, a socket or a pipe.
    case notOpenable(path: FilePath)
    /// The path is on a mount that our mount table does not show: detached, or in another namespace.
    case notInTable(path: FilePath, id: UInt64)

    /// For who has room for a number only; ESTALE: something else is there now.
    public var errno: Errno {
        switch self {
        case .call(let error): error.errno
        case .otherMount, .otherDevice, .notInTable: .staleNFSFileHandle
        case .notOpenable: .notDirectory
        }
    }

    /// Names the path and what was found there.
    public var description: String {
        switch self {
        case .call(let error): error.description
        case .otherMount(let path, let wanted, let found):
            "\(path) leads to mount \(found) and not to mount \(wanted): it was mounted over, unmounted or swapped"
        case .otherDevice(let path, let wanted, let found):
            "\(path) is on device \(found) and not on \(wanted) any more: it was mounted again"
        case .notOpenable(let path): "\(path) is neither a directory nor a regular file"
        case .notInTable(let path, let id): "\(path) is on mount \(id), which this mount namespace does not show"
        }
    }
}

/// Opens what a mount table names, and makes sure that it is that mount.
public enum OpenMount {
    /// A descriptor of the mount's root directory (or of the file, for a bind mount of a file), for ioctl and syncfs:
    /// O_RDONLY | O_CLOEXEC, and not O_PATH. The caller closes it.
    ///
    /// The path is opened with O_PATH | O_NOFOLLOW, which has no effect on what is there, and compared by its
    /// mount id (statx(2), STATX_MNT_ID) and its device number, except where that is anonymous.
    public static func open(_ mount: NamespacedMount) throws(OpenMountError) -> FileDescriptor {
        try open(mount.path, mountID: mount.mount.id, device: mount.mount.device)
    }

    /// The same for a mount of which only this is known.
    ///
    /// - Parameters:
    ///   - path: Where it is mounted, perhaps below `/proc/PID/root`.
    ///   - mountID: `stx_mnt_id` of statx(2).
    ///   - device: The superblock's, as mountinfo gives it.
    public static func open(
        _ path: FilePath, mountID: UInt64, device: DeviceNumber
    ) throws(OpenMountError) -> FileDescriptor {
        let place = try descriptor(path, options: [.noFollow])
        defer { try? place.close() }
        try verify(place, path, mountID, device)
        var status = stat()
        guard fstat(place.rawValue, &status) == 0 else { throw .call(SystemCallError("fstat", path, .last)) }
        var options: FileDescriptor.OpenOptions = [.closeOnExec, .nonBlocking]
        switch status.st_mode & S_IFMT {
        case S_IFDIR: options.insert(.directory)
        case S_IFREG: break
        default: throw .notOpenable(path: path)
        }
        // Through the descriptor, so that it is the same file on the same mount whatever the path means now.
        let opened: FileDescriptor
        do {
            opened = try FileDescriptor.open("/proc/self/fd/\(place.rawValue)", .readOnly, options: options)
        } catch {
            throw .call(SystemCallError("open", path, error as? Errno ?? .ioError))
        }
        do throws(OpenMountError) {
            try verify(opened, path, mountID, device)
        } catch {
            try? opened.close()
            throw error
        }
        return opened
    }

    /// The first of several mounts of one file system that can be opened; the error is that of the last one.
    ///
    /// - Precondition: at least one mount.
    public static func open(anyOf mounts: [NamespacedMount]) throws(OpenMountError) -> FileDescriptor {
        precondition(!mounts.isEmpty, "a file system without a mount")
        for mount in mounts.dropLast() {
            if let opened = try? open(mount) { return opened }
        }
        return try open(mounts[mounts.count - 1])
    }

    /// The mount that a path of our own namespace lies on. Symbolic links are followed, as for any path that a person
    /// gives; an automount point is mounted. The answer comes from the open descriptor, so no link can be changed
    /// between resolving and asking.
    public static func containing(_ path: FilePath) throws -> Mount {
        let place = try placed(path)
        defer { try? place.close() }
        let (id, _) = try identity(place, path)
        guard let mount = try MountTable.read().first(where: { $0.id == id }) else {
            throw OpenMountError.notInTable(path: path, id: id)
        }
        return mount
    }

    /// Asking for a directory triggers an automount (fs/namei.c, LOOKUP_DIRECTORY); a file has to be asked for plainly.
    private static func placed(_ path: FilePath) throws(OpenMountError) -> FileDescriptor {
        do {
            return try descriptor(path, options: [.directory])
        } catch {
            guard case .call(let failed) = error, failed.errno == .notDirectory else { throw error }
        }
        return try descriptor(path, options: [])
    }

    private static func descriptor(
        _ path: FilePath, options: FileDescriptor.OpenOptions
    ) throws(OpenMountError) -> FileDescriptor {
        do {
            let always = FileDescriptor.OpenOptions(rawValue: sp_o_path).union(.closeOnExec)
            return try FileDescriptor.open(path, .readOnly, options: options.union(always))
        } catch {
            throw .call(SystemCallError("open", path, error as? Errno ?? .ioError))
        }
    }

    private static func verify(
        _ descriptor: FileDescriptor, _ path: FilePath, _ mountID: UInt64, _ wanted: DeviceNumber
    ) throws(OpenMountError) {
        let (id, device) = try identity(descriptor, path)
        guard id == mountID else { throw .otherMount(path: path, wanted: mountID, found: id) }
        // What btrfs tells of a file is a number of its subvolume.
        guard wanted.isAnonymous || device == wanted else {
            throw .otherDevice(path: path, wanted: wanted, found: device)
        }
    }

    /// Mount id and `stx_dev` of what a descriptor refers to.
    private static func identity(
        _ descriptor: FileDescriptor, _ path: FilePath
    ) throws(OpenMountError) -> (UInt64, DeviceNumber) {
        var id: UInt64 = 0
        var device = DeviceNumber(major: 0, minor: 0)
        guard sp_mount_of(descriptor.rawValue, &id, &device.major, &device.minor) == 0 else {
            throw .call(SystemCallError("statx", path, .last))
        }
        return (id, device)
    }
}
