public import LinuxSystem
public import SetModel

/// A volume as storage and kernel see it.
public struct Volume: Sendable, Equatable {
    /// `VG/LV`
    public var name: String
    public var volumeGroup: String
    /// LVM's UUID.
    public var uuid: String
    /// `VG/POOL`
    public var pool: String
    public var thinID: UInt32
    public var sizeBytes: UInt64
    public var tags: [String]
    /// Its device while it is active.
    public var device: DeviceNumber?
    /// device-mapper's UUID of the device.
    public var deviceUUID: String
    public var isSuspended: Bool
    /// A snapshot is being merged into it, or will be: LVM still names the thin id that goes.
    public var isMerging = false
    /// Something has the device open: a mount, a mapping above it, a program.
    public var isOpen: Bool
    /// The set of ours that this volume is a member of.
    public var setID: String?
    /// The set of ours that this volume is a throw-away clone of.
    public var cloneOf: String?
    /// What lies directly on the volume, as libblkid names it; `nil` for nothing or when it was not looked at.
    public var content: String?
    /// What stands between the volume and the file system above, lowest first: `crypt`, `linear`, `raid1`, ...
    public var layers: [String]
    /// Devices above it that are in use beside a mounted file system, and without one: `/dev/mapper/vg0-data-part2`.
    public var rawDevices: [String] = []

    public init(
        name: String, volumeGroup: String, uuid: String, pool: String, thinID: UInt32, sizeBytes: UInt64,
        tags: [String] = [], device: DeviceNumber? = nil, deviceUUID: String = "", isSuspended: Bool = false,
        isOpen: Bool = false, setID: String? = nil, cloneOf: String? = nil, content: String? = nil,
        layers: [String] = []
    ) {
        self.name = name
        self.volumeGroup = volumeGroup
        self.uuid = uuid
        self.pool = pool
        self.thinID = thinID
        self.sizeBytes = sizeBytes
        self.tags = tags
        self.device = device
        self.deviceUUID = deviceUUID
        self.isSuspended = isSuspended
        self.isOpen = isOpen
        self.setID = setID
        self.cloneOf = cloneOf
        self.content = content
        self.layers = layers
    }
}

/// A thin pool.
public struct Pool: Sendable, Equatable {
    /// `VG/POOL`
    public var name: String
    /// The device that takes messages (`VG-POOL-tpool`), while the pool is active.
    public var device: DeviceNumber?
    public var sizeBytes: UInt64 = 0
    /// `nil`: nobody can tell, as of a pool that is not active.
    public var dataPercent: Double?
    public var metadataPercent: Double?
    public var metadataSizeBytes: UInt64
    /// The kernel's transaction id.
    public var transactionID: UInt64?
    /// LVM's transaction id.
    public var recordedTransactionID: UInt64?
    /// Why no snapshot can be taken in this pool, in words that finish "pool VG/POOL ...": `needs checking: ...`.
    public var problem: String?

    public init(
        name: String, device: DeviceNumber? = nil, dataPercent: Double? = nil, metadataPercent: Double? = nil,
        metadataSizeBytes: UInt64 = 0, transactionID: UInt64? = nil, recordedTransactionID: UInt64? = nil,
        problem: String? = nil
    ) {
        self.name = name
        self.device = device
        self.dataPercent = dataPercent
        self.metadataPercent = metadataPercent
        self.metadataSizeBytes = metadataSizeBytes
        self.transactionID = transactionID
        self.recordedTransactionID = recordedTransactionID
        self.problem = problem
    }

    /// What is fuller, data or metadata; `nil`: nobody can tell.
    public var percent: Double? { [dataPercent, metadataPercent].compactMap(\.self).max() }
}

/// A mounted file system that stands on at least one volume.
public struct FileSystem: Sendable, Equatable {
    /// The superblock's device number, as mountinfo gives it.
    public var device: DeviceNumber
    public var kind: String
    /// Every mount point, own namespace first.
    public var mountPoints: [String]
    /// Where it can be opened, and the mount that must be found there.
    public var openPath: String
    public var mountID: UInt64
    /// Superblocks of this list that it stands on through a loop device: those are frozen after it.
    public var below: [DeviceNumber]
    /// Names (`VG/LV`) of the volumes it stands on; those that hold its image file do not count, so there may be none.
    public var volumes: [String]
    /// Devices it stands on that are no volumes, for the refusal: `/dev/sda1`.
    public var otherDevices: [String]

    /// What a person calls it.
    public var label: String { mountPoints.first ?? openPath }

    /// The kernel knows how to freeze it: its driver has `freeze_fs` or `freeze_super` (fs/ioctl.c, ioctl_fsfreeze). One
    /// that is not listed here is tried.
    public var canFreeze: Bool { !Self.withoutFreeze.contains(kind) && !neverWrites }

    /// There is no way to change it, so it is at rest always.
    public var neverWrites: Bool { Self.readOnlyKinds.contains(kind) }

    private static let withoutFreeze: Set<String> = [
        "vfat", "msdos", "exfat", "fuseblk", "ntfs", "ntfs3", "udf", "hfs", "hfsplus", "minix", "affs", "ufs",
    ]
    private static let readOnlyKinds: Set<String> = ["iso9660", "squashfs", "erofs", "cramfs", "romfs"]

    public init(
        device: DeviceNumber, kind: String, mountPoints: [String], openPath: String, mountID: UInt64,
        below: [DeviceNumber] = [], volumes: [String], otherDevices: [String] = []
    ) {
        self.device = device
        self.kind = kind
        self.mountPoints = mountPoints
        self.openPath = openPath
        self.mountID = mountID
        self.below = below
        self.volumes = volumes
        self.otherDevices = otherDevices
    }
}

/// LVM's settings for its lock files.
public struct Locking: Sendable, Equatable {
    /// `global/locking_dir`
    public var directory: String
    /// `global/prioritise_write_locks`
    public var prioritisesWriters: Bool

    public init(directory: String = "/run/lock/lvm", prioritisesWriters: Bool = true) {
        self.directory = directory
        self.prioritisesWriters = prioritisesWriters
    }
}

/// Everything that is known of the host's storage at one moment: what decisions are made from, without I/O.
public struct Survey: Sendable, Equatable {
    public var volumes: [Volume]
    public var pools: [Pool]
    public var fileSystems: [FileSystem]
    /// Logical volumes that are not thin, by `VG/LV`, with what they are instead: `a linear volume`.
    public var others: [String: String]
    /// The active ones of them, by device, and by each device that stands on one.
    public var otherDevices: [DeviceNumber: String] = [:]
    /// Names of all volume groups, with why a group cannot be used: `is shared through lvmlockd (sanlock)`.
    public var groups: [String: String?]
    /// The sets that LVM's tags tell of.
    public var sets: [SnapshotSet]
    /// `false` when LVM could not read everything: what is missing here may exist all the same.
    public var isComplete = true
    /// What in the tags could not be understood, one sentence each.
    public var problems: [String]
    /// The sets that are there more than once, by id, with the volumes that say so in a sentence.
    public var ambiguous: [SnapshotSet.ID: String] = [:]
    /// Names of the volumes that LVM would remove together with another one, by the UUID of that one.
    public var removedTogether: [String: [String]] = [:]
    /// How LVM locks a volume group.
    public var locking: Locking

    public init(
        volumes: [Volume] = [], pools: [Pool] = [], fileSystems: [FileSystem] = [], others: [String: String] = [:],
        groups: [String: String?] = [:], sets: [SnapshotSet] = [], problems: [String] = [],
        locking: Locking = Locking()
    ) {
        self.volumes = volumes
        self.pools = pools
        self.fileSystems = fileSystems
        self.others = others
        self.groups = groups
        self.sets = sets
        self.problems = problems
        self.locking = locking
    }

    public func volume(_ name: String) -> Volume? { volumes.first { $0.name == name } }

    public func volume(uuid: String) -> Volume? { volumes.first { $0.uuid == uuid } }

    public func pool(_ name: String) -> Pool? { pools.first { $0.name == name } }

    /// The file systems that stand on some of the volumes, and those that write through an image file on one of these.
    /// Those that cannot be frozen are not among them.
    public func fileSystemsToFreeze(for volumes: Set<String>) -> [FileSystem] {
        func isDirect(_ system: FileSystem) -> Bool { system.volumes.contains(where: volumes.contains) }
        let devices = Set(fileSystems.filter(isDirect).map(\.device))
        return fileSystems.filter { $0.canFreeze && (isDirect($0) || $0.below.contains(where: devices.contains)) }
    }

    /// Whether something may write to a volume past every file system that could be frozen.
    public func isUsedRaw(_ volume: Volume) -> Bool {
        let systems = fileSystems(on: volume)
        guard volume.isOpen, !systems.isEmpty else { return volume.isOpen }
        return !volume.rawDevices.isEmpty || systems.contains { !$0.canFreeze && !$0.neverWrites }
    }

    /// The mounted file systems that stand on a volume.
    public func fileSystems(on volume: Volume) -> [FileSystem] {
        fileSystems.filter { $0.volumes.contains(volume.name) }
    }
}
