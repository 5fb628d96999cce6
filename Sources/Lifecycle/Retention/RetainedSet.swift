public import FoundationEssentials
public import SetModel

/// A volume that a set was taken from.
public struct RetainedOrigin: Sendable, Equatable, Identifiable {
    /// LVM's UUID: it survives a rename.
    public var id: String
    /// `VG/LV`, as it was called when the set was made.
    public var name: String
    /// There is no such volume any more.
    public var isGone: Bool

    public init(id: String, name: String, isGone: Bool = false) {
        self.id = id
        self.name = name
        self.isGone = isGone
    }
}

/// What retention has to know of a set.
public struct RetainedSet: Sendable, Equatable, Identifiable {
    public var id: String
    public var name: String
    public var createdAt: Date
    public var state: SetState
    /// Written when the set was made; `nil`: no age was promised then.
    public var expiresAt: Date?
    /// The policy's id; `nil`: made by hand.
    public var policy: String?
    /// The ids of the schedules that it was made for: all that were due together. Empty: made outside of any.
    public var schedules: Set<String>
    public var holds: [SetHold]
    /// When it leaves the trash for good; `nil`: it is not in trash.
    public var purgeAt: Date?
    /// None of the volumes that it was taken from exists any more.
    public var volumesGone: Bool
    /// The volumes of which it still has a snapshot: of each, the newest set stays.
    public var origins: [RetainedOrigin]
    /// The catalog does not know it: nobody can tell whose it is.
    public var isUnknown: Bool
    /// What it occupies, one for each of its pools. Only pool pressure asks.
    public var shares: [PoolShare]

    public init(
        id: String, name: String, createdAt: Date, state: SetState = .complete, expiresAt: Date? = nil,
        policy: String? = nil, schedules: Set<String> = [], holds: [SetHold] = [], purgeAt: Date? = nil,
        volumesGone: Bool = false, origins: [RetainedOrigin] = [], isUnknown: Bool = false, shares: [PoolShare] = []
    ) {
        self.id = id
        self.name = name
        self.createdAt = createdAt
        self.state = state
        self.expiresAt = expiresAt
        self.policy = policy
        self.schedules = schedules
        self.holds = holds
        self.purgeAt = purgeAt
        self.volumesGone = volumesGone
        self.origins = origins
        self.isUnknown = isUnknown
        self.shares = shares
    }

    /// It counts as a kept one: whole, and not given up.
    var counts: Bool { state == .complete && purgeAt == nil }

    /// Of two sets of the same second, the id decides, so that every run agrees.
    static func isNewer(_ left: RetainedSet, _ right: RetainedSet) -> Bool {
        (left.createdAt, left.id) > (right.createdAt, right.id)
    }
}

extension SetHold {
    /// The one of several that keeps a set longest; `nil` when all are over.
    static func lasting(_ holds: [SetHold], at now: Date) -> SetHold? {
        holds.filter { $0.lasts(at: now) }.max { ($0.end, $1.reason) < ($1.end, $0.reason) }
    }

    private var end: Date { until ?? .distantFuture }
}
