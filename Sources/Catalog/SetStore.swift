public import SetModel

/// Where sets are remembered between runs.
///
/// A store is an index: LVM's tags decide which sets exist, see ``Catalog/merge(truth:index:)``.
public protocol SetStore: Sendable {
    /// Remembers `set` in place of what was remembered under its id: all of it, or nothing.
    func save(_ set: SnapshotSet) throws(SnapshotError)
    /// Forgets the set. That it was not remembered is no error.
    func remove(id: SnapshotSet.ID) throws(SnapshotError)
    /// Forgets the sets, at the cost of one where the store can: deletions come in batches.
    func remove(ids: [SnapshotSet.ID]) throws(SnapshotError)
    /// The set with this id.
    func set(id: SnapshotSet.ID) throws(SnapshotError) -> SnapshotSet?
    /// The set with this name. The newest, should a lost set have left its name to another one.
    func set(named name: String) throws(SnapshotError) -> SnapshotSet?
    /// Every set, oldest first.
    func all() throws(SnapshotError) -> [SnapshotSet]
    /// Finds damage that ``all()`` does not meet, however long that takes; throws what says where it is.
    func verify() throws(SnapshotError)
}

extension SetStore {
    /// Nothing is there that ``all()`` does not read.
    public func verify() throws(SnapshotError) {}

    /// One after another, up to the first that cannot be forgotten.
    public func remove(ids: [SnapshotSet.ID]) throws(SnapshotError) {
        for id in ids { try remove(id: id) }
    }
}
