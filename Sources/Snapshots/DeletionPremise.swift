public import FoundationEssentials
public import SetModel

/// What a plan took for granted of a set when it let it go.
///
/// A plan is made without a lock: until it is carried out, a person may delete the newer set that made room for the old
/// one, adopt it, restore what lay in trash. So it is looked at again under the run lock, and what is no longer so keeps
/// the set.
public struct DeletionPremise: Sendable, Equatable {
    public var policy: String?
    public var schedules: Set<String>
    public var state: SetState
    public var expiresAt: Date?
    public var purgeAt: Date?
    /// Ids of complete sets of the same policy that stay: a newer one of them has to be there still. `nil`: it may be
    /// the last.
    public var successors: Set<SnapshotSet.ID>?
    /// By LVM's UUID of a volume: ids of such sets that have it, too; of each volume a newer one has to be there still.
    public var holders: [String: Set<SnapshotSet.ID>]
    /// Why it goes, a sentence, for whoever tells of it; nothing is judged by it.
    public var rule: String?

    public init(
        policy: String?, schedules: Set<String>, state: SetState, expiresAt: Date?, purgeAt: Date?,
        successors: Set<SnapshotSet.ID>?, holders: [String: Set<SnapshotSet.ID>] = [:], rule: String? = nil
    ) {
        self.policy = policy
        self.schedules = schedules
        self.state = state
        self.expiresAt = expiresAt
        self.purgeAt = purgeAt
        self.successors = successors
        self.holders = holders
        self.rule = rule
    }

    /// - Parameter known: All sets that there are now.
    /// - Throws: ``SnapshotError/Code/refused``, with what is no longer so.
    func require(of set: SnapshotSet, among known: [SnapshotSet]) throws(SnapshotError) {
        let changes = [
            ("policy", set.policy == policy), ("schedules", Set(set.schedules) == schedules),
            ("state", set.state == state), ("expiry", set.expiresAt == expiresAt),
            ("time in trash", set.purgeAt == purgeAt),
        ]
        if let (what, _) = changes.first(where: { !$0.1 }) {
            throw SnapshotError(
                .refused, "set \(set.name) stays: its \(what) changed since that was planned" + Self.advice)
        }
        func follows(_ other: SnapshotSet) -> Bool {
            other.policy == policy && other.state == .complete && other.purgeAt == nil
                && (other.createdAt, other.id) > (set.createdAt, set.id)
        }
        let isFollowed =
            successors.map { ids in known.reversed().contains { ids.contains($0.id) && follows($0) } } ?? true
        let isHeld = holders.allSatisfy { origin, ids in
            // The newest ones come first here: mostly they are it.
            known.reversed().contains { other in
                ids.contains(other.id) && follows(other) && other.members.contains { $0.originUUID == origin }
            }
        }
        guard isFollowed, isHeld else {
            throw SnapshotError(
                .refused, "set \(set.name) stays: the newer ones that were to stay are gone by now" + Self.advice)
        }
    }

    private static let advice = "; plan anew"

    /// Whether a set stayed only because something is no longer so: nothing failed, and the next plan has seen it.
    public static func isOutdated(_ error: SnapshotError) -> Bool {
        error.code == .refused && error.message.hasSuffix(advice)
    }
}
