import SetModel

extension Survey {
    /// Refuses what changes or shows a set of which LVM has two: a copied volume group has the same UUIDs and tags, and
    /// nobody can know which one is meant.
    func demandUnambiguous(_ set: SnapshotSet) throws {
        guard let twins = ambiguous[set.id] else { return }
        throw SnapshotError(
            .refused,
            "set \(set.name) is there more than once: \(twins); nothing is done with it until one of the two is gone")
    }
}
