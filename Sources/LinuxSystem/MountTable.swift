public import SystemPackage

/// One line of /proc/PID/mountinfo (proc_pid_mountinfo(5); fs/proc_namespace.c, show_mountinfo).
public struct Mount: Sendable, Hashable {
    /// Unique among all mounts of the running kernel, in whatever namespace; reused after an unmount
    /// (fs/namespace.c, mnt_id_ida).
    public var id: UInt64
    /// The mount it is mounted on; for the root of a namespace an id that may not be in the table.
    public var parentID: UInt64
    /// The superblock's device number. Anonymous for btrfs, where stat(2) shows yet another number per subvolume.
    public var device: DeviceNumber
    /// The directory or file inside the file system that is mounted: `/` unless it is a bind mount or a subvolume.
    public var root: String
    /// As the process that was asked sees it: below its own root directory.
    public var mountPoint: FilePath
    /// Options of the mount: `rw,relatime`.
    public var options: String
    /// `ext4`; `fuse.sshfs` with a subtype.
    public var filesystemType: String
    /// What was given to mount(2); for btrfs the name of one device at its last device scan.
    public var source: String
    /// Options of the superblock, still escaped: see ``superOption(_:)``.
    public var superOptions: String

    /// From the fields of a line.
    public init(
        id: UInt64, parentID: UInt64, device: DeviceNumber, root: String, mountPoint: FilePath, options: String,
        filesystemType: String, source: String, superOptions: String
    ) {
        self.id = id
        self.parentID = parentID
        self.device = device
        self.root = root
        self.mountPoint = mountPoint
        self.options = options
        self.filesystemType = filesystemType
        self.source = source
        self.superOptions = superOptions
    }

    /// The value of `key=value` among the superblock's options, unescaped.
    public func superOption(_ key: String) -> String? {
        for option in superOptions.split(separator: ",") where option.hasPrefix(key + "=") {
            return String(decoding: KernelText.unescape(option.utf8.dropFirst(key.utf8.count + 1)), as: UTF8.self)
        }
        return nil
    }

    /// Whether nothing can be written through any mount of it.
    public var hasReadOnlySuperblock: Bool { superOptions.split(separator: ",").contains("ro") }

    /// True when the mount or its superblock is read-only.
    public var isReadOnly: Bool { options.split(separator: ",").contains("ro") || hasReadOnlySuperblock }
}

/// A line of a mount table that does not have the kernel's format.
public struct MountTableError: Error, Sendable, Equatable, CustomStringConvertible {
    /// From 1.
    public var line: Int
    /// The line, as it was read.
    public var text: String

    /// Names the line.
    public var description: String { "mountinfo line \(line) is not understood: \(text)" }
}

/// Reads mount tables.
public enum MountTable {
    /// Parses the text of a mountinfo file, in its order: a mount comes after the one it covers.
    ///
    /// A mount that is listed twice, because the table changed between two reads, is kept once.
    public static func parse(_ text: some Collection<UInt8>) throws(MountTableError) -> [Mount] {
        var mounts: [Mount] = []
        var seen: Set<UInt64> = []
        for (index, line) in text.split(separator: UInt8(ascii: "\n")).enumerated() {
            guard let mount = mount(Array(line)) else {
                throw MountTableError(line: index + 1, text: String(decoding: line, as: UTF8.self))
            }
            if seen.insert(mount.id).inserted { mounts.append(mount) }
        }
        return mounts
    }

    /// The mounts that a process sees; `nil` asks for the calling process.
    ///
    /// - Throws: ``SystemCallError``, ``MountTableError``.
    public static func read(of process: Int32? = nil, proc: FilePath = "/proc") throws -> [Mount] {
        try parse(SmallFiles.bytes(proc.appending(process.map { "\($0)" } ?? "self").appending("mountinfo")))
    }

    /// `36 35 98:0 /root /mnt rw,noatime master:1 shared:7 - ext3 /dev/root rw,errors=continue`
    private static func mount(_ line: [UInt8]) -> Mount? {
        // An empty source leaves an empty field.
        let fields = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        func text(_ index: Int) -> String { String(decoding: fields[index], as: UTF8.self) }
        func unescaped(_ index: Int) -> String {
            String(decoding: KernelText.unescape(fields[index]), as: UTF8.self)
        }
        // Any number of optional fields stands between the options and the dash.
        guard fields.count > 6, let dash = fields[6...].firstIndex(of: [UInt8(ascii: "-")]), fields.count > dash + 3,
            let id = UInt64(text(0)), let parent = UInt64(text(1)), let device = DeviceNumber(text(2))
        else { return nil }
        return Mount(
            id: id, parentID: parent, device: device, root: unescaped(3),
            mountPoint: KernelText.path(KernelText.unescape(fields[4])), options: text(5),
            filesystemType: unescaped(dash + 1), source: unescaped(dash + 2), superOptions: text(dash + 3))
    }
}
