import GRDB
public import SetModel
public import SystemPackage

/// The index of sets in an SQLite database, `catalog.sqlite` in the state directory.
///
/// Any number of processes may have it open. A database that is not safe to use (damaged, someone else's, written by
/// a newer release) is refused with one error that names it, and never repaired, replaced or deleted.
public struct Catalog: SetStore {
    /// What the database is opened for.
    public enum Access: Sendable {
        /// Creates nothing: a catalog that does not exist reads as empty.
        case reading
        /// Creates the directory and the database when they are missing, and brings an older schema up to date.
        case writing
    }

    private let file: CatalogFile
    /// `nil`: there was nothing to read.
    private let database: DatabaseQueue?

    private init(file: CatalogFile, database: DatabaseQueue?) {
        self.file = file
        self.database = database
    }

    /// Opens the catalog in the state directory `directory`.
    public static func open(directory: FilePath, for access: Access = .writing) throws(SnapshotError) -> Catalog {
        let file = CatalogFile(directory: directory)
        // A file without a byte in it is one that another process is just creating.
        if let size = try file.size(), size > 0 {
            let database = try Connection.open(file, readonly: access == .reading)
            if try Connection.isCurrent(database, file) { return Catalog(file: file, database: database) }
        } else if access == .reading {
            return Catalog(file: file, database: nil)
        }
        return Catalog(file: file, database: try create(file))
    }

    /// Creates the database or brings its schema up to date; one process at a time.
    private static func create(_ file: CatalogFile) throws(SnapshotError) -> DatabaseQueue {
        try file.createDirectory()
        let lock = try file.lock()
        defer { lock.release() }
        try file.create()
        let database = try Connection.open(file, readonly: false)
        try Connection.migrate(database, file)
        return database
    }

    /// See ``SetStore/save(_:)``: one transaction.
    public func save(_ set: SnapshotSet) throws(SnapshotError) {
        let rows = SetRows(set)
        try write { database in
            try SetRow.filter { $0.id == set.id }.deleteAll(database)
            try rows.insert(database)
        }
    }

    /// See ``SetStore/remove(id:)``.
    public func remove(id: SnapshotSet.ID) throws(SnapshotError) {
        try write { database in _ = try SetRow.filter { $0.id == id }.deleteAll(database) }
    }

    /// See ``SetStore/remove(ids:)``: one transaction.
    public func remove(ids: [SnapshotSet.ID]) throws(SnapshotError) {
        guard !ids.isEmpty else { return }
        try write { database in _ = try SetRow.filter { ids.contains($0.id) }.deleteAll(database) }
    }

    /// See ``SetStore/set(id:)``.
    public func set(id: SnapshotSet.ID) throws(SnapshotError) -> SnapshotSet? {
        try sets(SetRow.filter { $0.id == id }).last
    }

    /// See ``SetStore/set(named:)``.
    public func set(named name: String) throws(SnapshotError) -> SnapshotSet? {
        try sets(SetRow.filter { $0.name == name }).last
    }

    /// See ``SetStore/all()``.
    public func all() throws(SnapshotError) -> [SnapshotSet] {
        try sets(SetRow.all())
    }

    /// See ``SetStore/verify()``: of a large one only a part is looked at when it is opened.
    public func verify() throws(SnapshotError) {
        guard let database else { return }
        let verdicts = try file.refusing {
            try database.read { try String.fetchAll($0, sql: "PRAGMA integrity_check(5)") }
        }
        guard verdicts == ["ok"] else { throw file.damaged(cause: verdicts.joined(separator: "; ")) }
    }

    private func sets(_ request: QueryInterfaceRequest<SetRow>) throws(SnapshotError) -> [SnapshotSet] {
        guard let database else { return [] }
        return try file.refusing { try database.read { try SetRows.fetch($0, request) } }
    }

    private func write(_ body: @Sendable (Database) throws -> Void) throws(SnapshotError) {
        guard let database else {
            throw SnapshotError(.failed, "\(file.path) was opened for reading and cannot be changed")
        }
        try file.refusing { try database.write(body) }
    }
}
