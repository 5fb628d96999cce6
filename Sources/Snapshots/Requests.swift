public import FoundationEssentials
public import SetModel

/// What `create` is asked to do.
public struct CreateRequest: Sendable {
    /// Mount points (or paths below one), devices, `VG/LV`, `@tag` or VG names.
    public var targets: [String]
    /// `nil`: named after its time and id.
    public var name: String?
    public var tags: [String: String]
    /// The least consistency that is accepted; `crash` accepts all.
    public var require: Consistency
    /// The longest time that anything may stand still.
    public var maxWindow: Duration
    public var expireAfter: Duration?
    /// A pool that would pass this is refused, in percent of its data and of its metadata.
    public var poolLimitPercent: Double
    /// Resolve and admit, and change nothing.
    public var dryRun: Bool
    /// `nil`: applications are left alone.
    public var hooks: HookRequest?
    /// Which of the targets' volumes are taken.
    public var filter = TargetFilter()
    /// `nil`: a person asked for it.
    public var origin: SetOrigin?

    public init(
        targets: [String], name: String? = nil, tags: [String: String] = [:], require: Consistency = .crash,
        maxWindow: Duration = .seconds(5), expireAfter: Duration? = nil, poolLimitPercent: Double = 95,
        dryRun: Bool = false, hooks: HookRequest? = nil
    ) {
        self.targets = targets
        self.name = name
        self.tags = tags
        self.require = require
        self.maxWindow = maxWindow
        self.expireAfter = expireAfter
        self.poolLimitPercent = poolLimitPercent
        self.dryRun = dryRun
        self.hooks = hooks
    }
}

/// Which of the volumes that targets name are taken.
public struct TargetFilter: Sendable, Equatable {
    /// Each of these targets has to name a volume as well.
    public var all: [String]
    /// None of these may; what one does not find excludes nothing.
    public var not: [String]
    /// Volumes under `/` are left out.
    public var excludesRoot: Bool
    /// It was written long before it is used. A directory has to be a mount point: without its mount it would stand for
    /// another volume. Of several targets, a tag that no volume carries now is for none (DLM: any of its target tags).
    public var isOfPolicy: Bool

    public init(
        all: [String] = [], not: [String] = [], excludesRoot: Bool = false, isOfPolicy: Bool = false
    ) {
        self.all = all
        self.not = not
        self.excludesRoot = excludesRoot
        self.isOfPolicy = isOfPolicy
    }
}

/// Everything that decisions about old sets are made from.
public struct Inventory: Sendable {
    /// Oldest first.
    public var sets: [SnapshotSet]
    /// All thin volumes, by LVM's UUID, and the pool of each, `VG/POOL`.
    public var poolOfVolume: [String: String]
    public var pools: [Pool]
    /// The sets that are there more than once: nothing deletes them until one of the two is gone.
    public var ambiguous: Set<SnapshotSet.ID>
    /// The finished sets that the catalog does not know: another host's perhaps, whose disks came here. Nothing is decided
    /// about them until `reindex` or `adopt` takes them in.
    public var unknown: Set<SnapshotSet.ID>

    public init(
        sets: [SnapshotSet], poolOfVolume: [String: String], pools: [Pool] = [],
        ambiguous: Set<SnapshotSet.ID> = [], unknown: Set<SnapshotSet.ID> = []
    ) {
        self.sets = sets
        self.poolOfVolume = poolOfVolume
        self.pools = pools
        self.ambiguous = ambiguous
        self.unknown = unknown
    }
}

/// Volumes as somebody chooses them.
public struct TargetSelection: Sendable, Equatable {
    /// As `create` takes them.
    public var targets: [String]
    public var filter: TargetFilter

    public init(targets: [String], filter: TargetFilter = TargetFilter()) {
        self.targets = targets
        self.filter = filter
    }
}

/// The policy that asks for a set.
public struct SetOrigin: Sendable, Equatable {
    public var policy: String
    /// All that were due together.
    public var schedules: [String]
    /// `nil`: none of them promises anything by age.
    public var expiresAt: Date?
    /// LVM tags of the volumes that become tags of the set, with `*` and `?`.
    public var copiedTags: [String]

    public init(policy: String, schedules: [String], expiresAt: Date? = nil, copiedTags: [String] = []) {
        self.policy = policy
        self.schedules = schedules
        self.expiresAt = expiresAt
        self.copiedTags = copiedTags
    }
}

/// How `mount` is asked to do it.
public struct MountRequest: Sendable {
    /// Name or id.
    public var set: String
    /// Where the tree goes; `nil`: `/run/stillpoint/mnt/SET`.
    public var at: String?
    /// Mount throw-away clones that can be written to; the snapshots stay as they are.
    public var writable: Bool
    /// Leave out `nosuid,nodev,noexec`.
    public var allowPrograms: Bool
    /// Opens members under LUKS.
    public var keyFile: String?

    public init(
        set: String, at: String? = nil, writable: Bool = false, allowPrograms: Bool = false, keyFile: String? = nil
    ) {
        self.set = set
        self.at = at
        self.writable = writable
        self.allowPrograms = allowPrograms
        self.keyFile = keyFile
    }
}

/// One member of a mounted set.
public struct MountedMember: Sendable, Codable, Equatable {
    /// The origin, `VG/LV`.
    public var volume: String
    /// What is mounted: a path below /dev.
    public var device: String
    public var path: String
    public var filesystem: String
    public var options: String

    public init(volume: String, device: String, path: String, filesystem: String, options: String) {
        self.volume = volume
        self.device = device
        self.path = path
        self.filesystem = filesystem
        self.options = options
    }
}

/// A volume that can be a member, for `volumes`.
public struct VolumeInfo: Sendable, Codable, Equatable {
    /// `VG/LV`
    public var volume: String
    /// `VG/POOL`
    public var pool: String
    public var sizeBytes: UInt64
    public var filesystem: String?
    public var mountPoints: [String]
    /// How many sets have a member from this volume.
    public var sets: Int
    public var poolSizeBytes: UInt64?
    public var poolDataPercent: Double?
    public var poolMetadataPercent: Double?
    /// Why the pool takes no snapshot, in words that finish "pool VG/POOL ...".
    public var poolProblem: String?

    public init(
        volume: String, pool: String, sizeBytes: UInt64, filesystem: String?, mountPoints: [String], sets: Int,
        poolSizeBytes: UInt64? = nil, poolDataPercent: Double?, poolMetadataPercent: Double?, poolProblem: String? = nil
    ) {
        self.poolSizeBytes = poolSizeBytes
        self.volume = volume
        self.pool = pool
        self.sizeBytes = sizeBytes
        self.filesystem = filesystem
        self.mountPoints = mountPoints
        self.sets = sets
        self.poolDataPercent = poolDataPercent
        self.poolMetadataPercent = poolMetadataPercent
        self.poolProblem = poolProblem
    }
}

/// What a manual freeze did.
public struct FreezeReport: Sendable, Codable, Equatable {
    /// The mount points that stand still.
    public var mountPoints: [String]
    /// When they thaw by themselves, in seconds from now.
    public var thawsInSeconds: Double

    public init(mountPoints: [String], thawsInSeconds: Double) {
        self.mountPoints = mountPoints
        self.thawsInSeconds = thawsInSeconds
    }
}

/// What `reindex` found and did.
public struct ReindexReport: Sendable, Equatable {
    /// How many there are.
    public var sets: Int
    /// Names of those of which the catalog knew nothing, or something else.
    public var written: [String] = []
    /// Names of those of which nothing is left but the catalog's memory, which is gone now.
    public var forgotten: [String] = []

    public init(sets: Int) { self.sets = sets }
}

/// What `recover` found and did.
public struct RecoveryReport: Sendable, Codable, Equatable {
    /// Mount points thawed.
    public var thawed: [String]
    /// Devices resumed, `VG/LV` or the device-mapper UUID.
    public var resumed: [String]
    /// Staged or half-deleted snapshots removed, `VG/LV`.
    public var removed: [String]
    /// The sets whose deletion was finished, as they were found.
    public var deleted: [SnapshotSet] = []
    /// Hook documents whose `post` was run.
    public var released: [String]
    /// What a person should look at, although nothing stands: `post` steps that failed.
    public var problems: [String] = []
    /// What could not be done, one sentence each.
    public var failures: [String]

    public init(
        thawed: [String] = [], resumed: [String] = [], removed: [String] = [], released: [String] = [],
        failures: [String] = []
    ) {
        self.thawed = thawed
        self.resumed = resumed
        self.removed = removed
        self.released = released
        self.failures = failures
    }

    public var isEmpty: Bool {
        thawed.isEmpty && resumed.isEmpty && removed.isEmpty && released.isEmpty && problems.isEmpty
            && failures.isEmpty
    }
}

/// What a command tells while it runs. Never called while anything is frozen.
public protocol Progress: Sendable {
    /// Where a long command stands, for a terminal.
    func step(_ text: String)
    /// What a person should look at, although the command goes on.
    func warn(_ text: String)
    /// What was put right of runs that died, before the command's own work. Nothing stands still any more.
    func recovered(_ report: RecoveryReport)
    /// These are deleted, others of the same command may follow: nothing is left of them that tells of them later.
    func deleted(_ sets: [SnapshotSet])
}

extension Progress {
    /// Told as warnings where it matters.
    public func recovered(_ report: RecoveryReport) {}
    public func deleted(_ sets: [SnapshotSet]) {}
}
