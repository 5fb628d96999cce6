import Glibc
public import SystemPackage

/// A mount, and how to reach it from the calling process.
public struct NamespacedMount: Sendable, Hashable {
    /// As its own namespace shows it.
    public var mount: Mount
    /// A process of the namespace the mount is in; `nil` for the calling process's own.
    public var process: Int32?
    /// The mount point, through /proc/PID/root for another namespace. Verify with ``OpenMount``: it names whatever is
    /// there when it is opened.
    public var path: FilePath

    /// Makes the path of a mount in the namespace of `process`.
    public init(_ mount: Mount, process: Int32? = nil, proc: FilePath = "/proc") {
        self.mount = mount
        self.process = process
        guard let process else {
            path = mount.mountPoint
            return
        }
        let root = proc.appending("\(process)").appending("root")
        let below = mount.mountPoint.components
        // `root` itself is a link, which is not followed.
        path = below.isEmpty ? root.appending(".") : root.appending(below)
    }
}

/// The mounts of every mount namespace that some process lives in.
public struct MountSurvey: Sendable, Equatable {
    /// Our own namespace first, each namespace in the order of its table.
    public var mounts: [NamespacedMount]
    /// Processes whose namespace could not be looked at (EACCES, EPERM): what only they mount is missing.
    public var unreadable: [Int32]

    /// From what was read.
    public init(mounts: [NamespacedMount], unreadable: [Int32] = []) {
        self.mounts = mounts
        self.unreadable = unreadable
    }

    /// Reads /proc/PID/ns/mnt of every process, and the table of one process per namespace; among several the one
    /// whose root directory is the namespace's, since a table shows only what lies below that directory.
    ///
    /// Processes that end meanwhile are skipped. A namespace that no process lives in (kept by a bind mount or a
    /// descriptor) is not seen: ``ExclusiveUse`` tells whether a device is mounted anywhere.
    ///
    /// - Throws: ``SystemCallError`` and ``MountTableError`` of our own table or /proc itself.
    public static func read(proc: FilePath = "/proc") throws -> MountSurvey {
        var survey = MountSurvey(mounts: try MountTable.read(proc: proc).map { NamespacedMount($0) })
        let own = try Self.namespace(proc.appending("self"))
        /// By namespace: processes at its root, and others, which stand in when those have ended.
        var processes: [UInt64: (rooted: [Int32], others: [Int32])] = [:]
        for name in try SmallFiles.names(proc) {
            guard let process = Int32(name) else { continue }
            do {
                let namespace = try Self.namespace(proc.appending(name))
                guard namespace != own else { continue }
                if SmallFiles.link(proc.appending(name).appending("root")) == "/" {
                    processes[namespace, default: ([], [])].rooted.append(process)
                } else {
                    processes[namespace, default: ([], [])].others.append(process)
                }
            } catch let error where error.errno == .permissionDenied || error.errno == .notPermitted {
                survey.unreadable.append(process)
            } catch {
                continue
            }
        }
        for namespace in processes.keys.sorted() {
            let (rooted, others) = processes[namespace, default: ([], [])]
            for process in rooted.sorted() + others.sorted() {
                // A process that ends gives an error or an empty table: the next one stands in for it.
                guard let mounts = try? MountTable.read(of: process, proc: proc), !mounts.isEmpty else { continue }
                survey.mounts += mounts.map { NamespacedMount($0, process: process, proc: proc) }
                break
            }
        }
        survey.unreadable.sort()
        return survey
    }

    /// The inode of the nsfs file behind /proc/PID/ns/mnt, which is the namespace's identity (namespaces(7)).
    private static func namespace(_ process: FilePath) throws(SystemCallError) -> UInt64 {
        let path = process.appending("ns").appending("mnt")
        var status = stat()
        guard path.withPlatformString({ stat($0, &status) }) == 0 else { throw SystemCallError("stat", path, .last) }
        return UInt64(status.st_ino)
    }
}
