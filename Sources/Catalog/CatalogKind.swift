import Glibc
public import SetModel
public import SystemPackage

/// The stores that `catalog` in stillpoint.yaml chooses from.
public enum CatalogKind: String, Sendable, CaseIterable {
    /// One SQLite database; see ``Catalog``.
    case sqlite
    /// The extended attributes of one file per set; see ``AttributeStore``.
    case attributes

    /// Opens the store of this kind in the state directory `directory`.
    public func open(directory: FilePath, for access: Catalog.Access) throws(SnapshotError) -> any SetStore {
        switch self {
        case .sqlite: return try Catalog.open(directory: directory, for: access)
        case .attributes: return try AttributeStore.open(directory: directory, for: access)
        }
    }

    /// Makes the store of another kind remember what this one remembers, all of it and nothing else, and reads it
    /// back. This one stays as it is.
    ///
    /// A conversion that fails half-way is made anew from the start: nothing counts before stillpoint.yaml names the
    /// other kind. Then ``moveAside(in:)`` is for this one.
    ///
    /// - Returns: The names of the sets, oldest first.
    public func convert(to other: CatalogKind, directory: FilePath) throws(SnapshotError) -> [String] {
        guard other != self else {
            throw SnapshotError(.refused, "the catalog cannot be converted from \(self) to \(other): name another kind")
        }
        let sets = try open(directory: directory, for: .reading).all()
        let target = try other.open(directory: directory, for: .writing)
        // Before the first change: a target that cannot be understood stays as it is.
        let present = Self.byID(try target.all())
        let wanted = Self.byID(sets)
        for set in sets where present[set.id] != set { try target.save(set) }
        for id in present.keys.sorted() where wanted[id] == nil { try target.remove(id: id) }

        let converted = Self.byID(try other.open(directory: directory, for: .reading).all())
        if let lost = sets.first(where: { converted[$0.id] != $0 }) {
            throw SnapshotError(
                .failed, "set \(lost.name) reads back from the \(other) catalog as another: keep `catalog: \(self)`")
        }
        guard converted.count == sets.count else {
            throw SnapshotError(
                .failed,
                """
                the \(other) catalog has \(converted.count) sets and not \(sets.count), another run may have written \
                to it: try again
                """)
        }
        return sets.map(\.name)
    }

    /// Gives the store of this kind another name, so that nobody takes it for the catalog again when it is stale.
    ///
    /// - Returns: where it is then; `nil`: there was none.
    public func moveAside(in directory: FilePath) throws(SnapshotError) -> FilePath? {
        let path = directory.appending(self == .sqlite ? "catalog.sqlite" : "sets")
        guard Self.exists(path.string) else { return nil }
        var place = path.string + ".old"
        var number = 1
        while Self.exists(place) {
            number += 1
            place = path.string + ".old-\(number)"
        }
        // What belongs to a database goes first: left behind, it would be taken for a new one's.
        for suffix in self == .sqlite ? ["-wal", "-shm", ""] : [""] where Self.exists(path.string + suffix) {
            guard rename(path.string + suffix, place + suffix) == 0 else {
                throw SnapshotError(
                    .failed, "\(path)\(suffix) cannot be renamed to \(place)\(suffix)", cause: lastError())
            }
        }
        return FilePath(place)
    }

    private static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    private static func byID(_ sets: [SnapshotSet]) -> [SnapshotSet.ID: SnapshotSet] {
        Dictionary(sets.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    }
}
