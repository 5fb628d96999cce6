public import SetModel

extension Catalog {
    /// What a person is shown: the sets that LVM's tags tell of, completed by what only the index knows.
    ///
    /// LVM decides which sets and members exist and in which state they are. The index adds measured times, file
    /// systems, mount points and reasons. A set that the index remembers and of which LVM has nothing left is shown
    /// without members, so that a person sees it and deletes it; but for one that the index knows as staged only: it was
    /// given up before it was complete.
    ///
    /// - Returns: The sets, oldest first.
    public static func merge(truth: [SnapshotSet], index: [SnapshotSet]) -> [SnapshotSet] {
        let remembered = Dictionary(index.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        let present = Set(truth.map(\.id))
        let sets = truth.map { completed($0, from: remembered[$0.id]) }
        let lost = remembered.values.filter { !present.contains($0.id) && $0.state != .staged }.map(withoutMembers)
        return (sets + lost).sorted { ($0.createdAt, $0.name, $0.id) < ($1.createdAt, $1.name, $1.id) }
    }

    private static func completed(_ truth: SnapshotSet, from index: SnapshotSet?) -> SnapshotSet {
        var set = truth
        let known = Dictionary(
            (index?.members ?? []).map { ($0.index, $0) }, uniquingKeysWith: { first, _ in first })
        set.members = truth.members.map { completed($0, from: known[$0.index]) }.sorted { $0.index < $1.index }
        guard set.state != .staged else { return set }
        set.consistency = truth.consistency ?? index?.consistency
        set.consistencyReason = truth.consistencyReason ?? index?.consistencyReason
        set.frozenWindowMs = truth.frozenWindowMs ?? index?.frozenWindowMs
        set.hooks = index?.hooks ?? []
        // What the hooks did says the same, and more.
        set.preScript = set.hooks.isEmpty ? truth.preScript ?? index?.preScript : nil
        set.postScript = set.hooks.isEmpty ? truth.postScript ?? index?.postScript : nil
        return set
    }

    private static func completed(_ truth: Member, from index: Member?) -> Member {
        var member = truth
        member.filesystem = truth.filesystem ?? index?.filesystem
        member.mountPoint = truth.mountPoint ?? index?.mountPoint
        member.frozenMs = truth.frozenMs ?? index?.frozenMs
        return member
    }

    /// A set of which LVM has nothing: one that was being deleted stays what it was.
    private static func withoutMembers(_ index: SnapshotSet) -> SnapshotSet {
        var set = index
        set.members = []
        if set.state == .complete { set.state = .degraded }
        return set
    }
}
