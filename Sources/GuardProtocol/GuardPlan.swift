public import LinuxSystem

/// What a guard may touch, told once, before anything stands still. A guard opens all of it when it is armed.
public struct GuardPlan: Sendable, Equatable {
    /// A mounted file system to freeze.
    public struct FileSystem: Sendable, Equatable {
        /// Where to open it: a mount point, or one seen through `/proc/PID/root`.
        public var path: String
        /// The mount that `path` must lie on, by `stx_mnt_id` of statx(2): catches a mount point that was swapped.
        public var mountID: UInt64
        /// The superblock's device number as mountinfo gives it.
        public var device: DeviceNumber
        /// File systems of a higher level stand on those of a lower one, and are frozen before them.
        public var level: Int
        /// What a person calls it: the mount point.
        public var label: String

        public init(path: String, mountID: UInt64, device: DeviceNumber, level: Int, label: String) {
            self.path = path
            self.mountID = mountID
            self.device = device
            self.level = level
            self.label = label
        }
    }

    /// A thin device to take anew.
    public struct Volume: Sendable, Equatable {
        public var device: DeviceNumber
        /// device-mapper's UUID, checked when the guard is armed.
        public var uuid: String
        /// Index into ``GuardPlan/fileSystems``; `nil` for a volume without a file system that can be frozen.
        public var fileSystem: Int?
        public var pool: DeviceNumber
        public var originThinID: UInt32
        /// Something had it open when it was decided what to freeze.
        public var isOpen: Bool

        public init(
            device: DeviceNumber, uuid: String, fileSystem: Int?, pool: DeviceNumber, originThinID: UInt32, isOpen: Bool
        ) {
            self.isOpen = isOpen
            self.device = device
            self.uuid = uuid
            self.fileSystem = fileSystem
            self.pool = pool
            self.originThinID = originThinID
        }
    }

    /// An LVM volume group whose lock is held during the cut.
    public struct GroupLock: Sendable, Equatable {
        /// LVM's `global/locking_dir`.
        public var directory: String
        public var volumeGroup: String
        /// LVM's `global/prioritise_write_locks`.
        public var auxiliary: Bool

        public init(directory: String, volumeGroup: String, auxiliary: Bool) {
            self.directory = directory
            self.volumeGroup = volumeGroup
            self.auxiliary = auxiliary
        }
    }

    /// The set's id, or another name for the run.
    public var run: String
    /// A file that does not exist yet, on tmpfs.
    public var recordPath: String
    public var fileSystems: [FileSystem]
    public var volumes: [Volume]
    /// device-mapper's UUIDs of members that are not cut since they are not active: they must not become so.
    public var inactive: [String]
    /// In the order in which they are taken: by name, as LVM does.
    public var locks: [GroupLock]
    /// The file that an LVM job of the run holds under a shared flock(2) while it changes something.
    public var workerLock: String

    public init(
        run: String, recordPath: String, fileSystems: [FileSystem], volumes: [Volume], inactive: [String] = [],
        locks: [GroupLock], workerLock: String
    ) {
        self.workerLock = workerLock
        self.inactive = inactive
        self.run = run
        self.recordPath = recordPath
        self.fileSystems = fileSystems
        self.volumes = volumes
        self.locks = locks
    }
}
