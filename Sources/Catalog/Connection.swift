import GRDB
import SetModel
import SystemPackage

/// How a connection is set up and what is demanded of the database behind it.
enum Connection {
    /// A database up to this size is checked as a whole whenever it is opened: some milliseconds at most. A larger one
    /// is by `reindex`: see ``Catalog/verify()``.
    static let checkedBytes: Int64 = 4 << 20
    /// How long to wait for another process's transaction, in seconds.
    static let busyTimeout: Double = 10

    static func open(_ file: CatalogFile, readonly: Bool) throws(SnapshotError) -> DatabaseQueue {
        var configuration = Configuration()
        configuration.label = "catalog"
        configuration.readonly = readonly
        configuration.busyMode = .timeout(busyTimeout)
        configuration.prepareDatabase { database in
            // First of all: a database that is not ours stays as it is.
            try demandSound(database, file)
            guard !readonly else { return }
            try database.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
        }
        return try file.refusing { [configuration] in
            try DatabaseQueue(path: file.path.string, configuration: configuration)
        }
    }

    /// Whether every migration was applied. Throws when a newer release applied more.
    static func isCurrent(_ queue: DatabaseQueue, _ file: CatalogFile) throws(SnapshotError) -> Bool {
        try file.refusing {
            try queue.read { database in
                // The first read fixes what this transaction sees. GRDB asks twice, and takes a table that another
                // process makes between its two questions for a damaged database.
                _ = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master")
                guard try !Migrations.migrator.hasBeenSuperseded(database) else {
                    throw refusal(
                        file.path, "was written by a newer Stillpoint",
                        "use that release, or move \(file.path)* aside; only measured times are lost")
                }
                return try Migrations.migrator.hasCompletedMigrations(database)
            }
        }
    }

    static func migrate(_ queue: DatabaseQueue, _ file: CatalogFile) throws(SnapshotError) {
        guard try !isCurrent(queue, file) else { return }
        try file.refusing {
            // Before the first table, in a transaction of its own: see demandSound.
            try queue.write { try $0.execute(sql: "PRAGMA application_id = \(Migrations.applicationID)") }
            try Migrations.migrator.migrate(queue)
        }
    }

    private static func demandSound(_ database: Database, _ file: CatalogFile) throws {
        // In this order: another process may just be creating it, and sets its id before the first table.
        let tables = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master") ?? 0
        let owner = try Int64.fetchOne(database, sql: "PRAGMA application_id")
        guard tables == 0 || owner == Migrations.applicationID else {
            throw file.damaged(cause: "it is a database of another program")
        }
        let pages = try Int64.fetchOne(database, sql: "PRAGMA page_count") ?? 0
        let pageSize = try Int64.fetchOne(database, sql: "PRAGMA page_size") ?? 0
        guard pages * pageSize <= checkedBytes else { return }
        let verdict = try String.fetchOne(database, sql: "PRAGMA quick_check(1)") ?? "no answer"
        guard verdict == "ok" else { throw file.damaged(cause: verdict) }
    }
}
