public import FoundationEssentials
public import SetModel

/// A set was taken, deleted or put into trash. DLM has no such event; the names are those of its others.
public struct SetNotice: Sendable, Equatable, Codable {
    /// One snapshot in it.
    public struct Member: Sendable, Equatable, Codable {
        /// `VG/LV`
        public var snapshot: String
        /// The volume it came from, as `VG/LV`.
        public var volume: String

        public init(snapshot: String, volume: String) {
            self.snapshot = snapshot
            self.volume = volume
        }
    }

    public var setId: String
    public var setName: String
    /// `nil` for a set made by hand.
    public var policyId: String?
    public var scheduleIds: [String]
    public var consistency: Consistency?
    /// Why: the rule that let it go, or the reason of its consistency.
    public var cause: String?
    public var expiryTime: Date?
    /// When it leaves the trash for good.
    public var purgeTime: Date?
    public var members: [Member]

    /// What the set says of itself.
    public init(_ set: SnapshotSet, cause: String? = nil) {
        setId = set.id
        setName = set.name
        policyId = set.policy
        scheduleIds = set.schedules
        consistency = set.consistency
        self.cause = cause
        expiryTime = set.expiresAt
        purgeTime = set.purgeAt
        members = set.members.map { Member(snapshot: $0.snapshot, volume: $0.volume) }
    }

    /// - Parameter done: `taken`, `deleted`.
    func sentence(_ done: String) -> String {
        let count = "\(members.count) member\(members.count == 1 ? "" : "s")"
        return "set \(setName) of \(count) was \(done)" + (cause.map { " (\($0))" } ?? "")
    }
}
