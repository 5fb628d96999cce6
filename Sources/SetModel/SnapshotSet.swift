public import FoundationEssentials

/// The snapshots of several volumes taken at one instant.
public struct SnapshotSet: Sendable, Codable, Equatable, Identifiable {
    /// 32 lower-case hexadecimal digits, drawn when the set is planned.
    public var id: String
    /// Unique among the sets of this host; see ``SetName``.
    public var name: String
    public var state: SetState
    /// `nil` while the set is staged.
    public var consistency: Consistency?
    /// Why the consistency is what it is, in one sentence.
    public var consistencyReason: String?
    /// Whole seconds; the instant at which the set was planned, before it was staged.
    public var createdAt: Date
    /// `nil` means that the set does not expire.
    public var expiresAt: Date?
    /// The policy and the schedule that asked for the set; `nil` for a set made by hand.
    public var policy: String?
    public var schedule: String?
    public var tags: [String: String]
    /// From the first FIFREEZE to the last FITHAW, in milliseconds; `nil` until the cut.
    public var frozenWindowMs: Double?
    /// How many members the set had when it was made. Fewer members now means that the set is degraded.
    public var memberCount: Int
    /// In the order of ``Member/index``.
    public var members: [Member]
    /// What the steps of its hook document did, in the order in which they ended; empty without hooks.
    public var hooks: [HookResult]
    /// Someone's word that the set stays.
    public var hold: SetHold?
    /// When it leaves the trash for good, whole seconds; `nil`: it is not in trash.
    public var purgeAt: Date?
    /// How the stages of its hook document ended, as its tags tell; `nil` where nobody knows, and where ``hooks`` tell
    /// it themselves. See ``scriptStatus(_:)``.
    public var preScript: ScriptStatus?
    public var postScript: ScriptStatus?

    public init(
        id: String, name: String, state: SetState, consistency: Consistency? = nil, consistencyReason: String? = nil,
        createdAt: Date, expiresAt: Date? = nil, policy: String? = nil, schedule: String? = nil,
        tags: [String: String] = [:], frozenWindowMs: Double? = nil, memberCount: Int, members: [Member],
        hooks: [HookResult] = [], hold: SetHold? = nil, purgeAt: Date? = nil, preScript: ScriptStatus? = nil,
        postScript: ScriptStatus? = nil
    ) {
        self.id = id
        self.name = name
        self.state = state
        self.consistency = consistency
        self.consistencyReason = consistencyReason
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.policy = policy
        self.schedule = schedule
        self.tags = tags
        self.frozenWindowMs = frozenWindowMs
        self.memberCount = memberCount
        self.members = members
        self.hooks = hooks
        self.hold = hold
        self.purgeAt = purgeAt
        self.preScript = preScript
        self.postScript = postScript
    }
}

extension SnapshotSet {
    /// All schedules that asked for the set, of which ``schedule`` has the ids with commas between; none for a set made
    /// by hand.
    public var schedules: [String] {
        get { schedule?.split(separator: ",").map(String.init) ?? [] }
        set { schedule = newValue.isEmpty ? nil : newValue.joined(separator: ",") }
    }
}

/// One snapshot in a set, and the volume it came from.
public struct Member: Sendable, Codable, Equatable {
    /// Position in the set, from 1. The first member carries the set's state: its commit is the set's commit point.
    public var index: Int
    /// The origin as `VG/LV`, as it was named when the set was made.
    public var volume: String
    /// LVM's UUID of the origin: the identity that survives a rename.
    public var originUUID: String
    /// The snapshot as `VG/LV`.
    public var snapshot: String
    /// LVM's UUID of the snapshot; `nil` until it is staged.
    public var snapshotUUID: String?
    /// The pool's 24-bit device id of the snapshot; `nil` until it is staged.
    public var thinID: UInt32?
    public var sizeBytes: UInt64
    /// As libblkid names it (`ext4`, `xfs`, `btrfs`, ...); `nil` for a raw volume.
    public var filesystem: String?
    /// Where the file system was mounted; `nil` when it was not.
    public var mountPoint: String?
    /// How long this member's file system stood still, in milliseconds; `nil` when it was not frozen.
    public var frozenMs: Double?

    public init(
        index: Int, volume: String, originUUID: String, snapshot: String, snapshotUUID: String? = nil,
        thinID: UInt32? = nil, sizeBytes: UInt64, filesystem: String? = nil, mountPoint: String? = nil,
        frozenMs: Double? = nil
    ) {
        self.index = index
        self.volume = volume
        self.originUUID = originUUID
        self.snapshot = snapshot
        self.snapshotUUID = snapshotUUID
        self.thinID = thinID
        self.sizeBytes = sizeBytes
        self.filesystem = filesystem
        self.mountPoint = mountPoint
        self.frozenMs = frozenMs
    }
}

/// Where a set is in its life.
public enum SetState: String, Sendable, Codable, CaseIterable {
    /// Its members exist and do not hold the right instant yet.
    case staged
    /// Every member holds the same instant.
    case complete
    /// It was complete, and a member was lost later.
    case degraded
    /// Its members are being removed.
    case deleting
}

/// What a set's instant means to the applications and file systems on it. Ordered: a greater value promises more.
public enum Consistency: String, Sendable, Codable, CaseIterable, Comparable {
    /// The same instant on every volume, but not every one was frozen.
    case crash
    /// Every mounted file system was frozen.
    case filesystem
    /// File systems frozen and hooks succeeded.
    case application

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    public static func < (left: Consistency, right: Consistency) -> Bool { left.rank < right.rank }
}
