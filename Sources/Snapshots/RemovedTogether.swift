import SetModel

extension Survey {
    /// Refuses to remove a set when LVM would remove something of a person's with it.
    func demandRemovable(_ set: SnapshotSet) throws {
        for member in set.members {
            guard let others = member.snapshotUUID.flatMap({ removedTogether[$0] }), !others.isEmpty else { continue }
            throw SnapshotError(
                .refused,
                "set \(set.name) cannot be removed: LVM would remove \(list(others)) with its member"
                    + " \(member.snapshot); remove or copy that first")
        }
    }
}
