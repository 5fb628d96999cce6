public import SetModel
public import SystemPackage

/// The index of sets in extended attributes: one file per set, `sets/ID` in the state directory.
///
/// `getfattr -d` shows what is remembered of a set. A file system limits what the attributes of one file may hold; a
/// set that does not fit is refused as a whole, and the one that was remembered stays. A file that cannot be
/// understood is refused with one error that names it, and never repaired, replaced or deleted.
///
/// Any number of processes may use it: who changes something locks the directory, and who reads sees whole files.
public struct AttributeStore: SetStore {
    private let directory: FilePath
    private let access: Catalog.Access

    /// Opens the store in the state directory `directory`.
    public static func open(
        directory: FilePath, for access: Catalog.Access = .writing
    ) throws(SnapshotError) -> AttributeStore {
        // Nothing of it stays open: what it finds unsafe is said now.
        switch access {
        case .writing: _ = try SetDirectory.create(in: directory)
        case .reading: _ = try SetDirectory.open(in: directory)
        }
        return AttributeStore(directory: directory, access: access)
    }

    /// See ``SetStore/save(_:)``: a new file in the place of the old one.
    public func save(_ set: SnapshotSet) throws(SnapshotError) {
        try demandWriting()
        guard SetName.isID(set.id) else {
            throw SnapshotError(
                .refused,
                "set \(set.name) cannot be kept: its id \(set.id.debugDescription) is not 32 hexadecimal digits")
        }
        let encoding: AttributeEncoding
        do throws(AttributeError) {
            encoding = try AttributeEncoding(set)
        } catch {
            throw SnapshotError(.failed, "set \(set.name) cannot be kept: \(error)")
        }
        let sets = try SetDirectory.create(in: directory)
        try sets.lock()
        // A file that cannot be understood is not replaced.
        _ = try Self.set(set.id, in: sets)
        try sets.replace(set.id, by: encoding)
    }

    /// See ``SetStore/remove(id:)``.
    public func remove(id: SnapshotSet.ID) throws(SnapshotError) {
        try demandWriting()
        guard SetName.isID(id) else { return }
        guard let sets = try SetDirectory.open(in: directory) else { return }
        try sets.lock()
        _ = try Self.set(id, in: sets)
        try sets.delete(id)
    }

    /// See ``SetStore/set(id:)``.
    public func set(id: SnapshotSet.ID) throws(SnapshotError) -> SnapshotSet? {
        guard SetName.isID(id) else { return nil }
        guard let sets = try SetDirectory.open(in: directory) else { return nil }
        return try Self.set(id, in: sets)
    }

    /// See ``SetStore/set(named:)``.
    public func set(named name: String) throws(SnapshotError) -> SnapshotSet? {
        try all().last { $0.name == name }
    }

    /// See ``SetStore/all()``.
    public func all() throws(SnapshotError) -> [SnapshotSet] {
        guard let sets = try SetDirectory.open(in: directory) else { return [] }
        var found: [SnapshotSet] = []
        for id in try sets.ids() {
            // One that was removed meanwhile is none.
            if let set = try Self.set(id, in: sets) { found.append(set) }
        }
        return found.sorted { ($0.createdAt, $0.name, $0.id) < ($1.createdAt, $1.name, $1.id) }
    }

    private static func set(
        _ id: SnapshotSet.ID, in sets: borrowing SetDirectory
    ) throws(SnapshotError) -> SnapshotSet? {
        guard let file = try sets.read(id) else { return nil }
        do throws(AttributeError) {
            return try file.set(id: id)
        } catch {
            throw SnapshotError(
                .refused,
                """
                \(sets.path.appending(id)) is damaged or not of this release: \(error): move it aside; the set is \
                found by its LVM tags, only measured times and what hooks wrote are lost; then run \
                `stillpoint reindex`: until it knows the set again, no rule deletes it
                """)
        }
    }

    private func demandWriting() throws(SnapshotError) {
        guard access == .writing else {
            throw SnapshotError(.failed, "the sets in \(directory) were opened for reading and cannot be changed")
        }
    }
}
