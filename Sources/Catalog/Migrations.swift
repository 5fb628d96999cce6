import GRDB

/// The schema's history. Append to it; never change what a release has shipped.
enum Migrations {
    /// `StPt`: tells a catalog from other programs' databases (PRAGMA application_id).
    static let applicationID: Int64 = 0x5374_5074

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("sets, tags and members", migrate: createSets)
        migrator.registerMigration("hooks", migrate: createHooks)
        migrator.registerMigration("holds and trash", migrate: addHolds)
        migrator.registerMigration("script status", migrate: addScriptStatus)
        return migrator
    }

    private static func createSets(_ database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE snapshotSet (
                    id TEXT NOT NULL PRIMARY KEY,
                    name TEXT NOT NULL,
                    state TEXT NOT NULL,
                    consistency TEXT,
                    consistencyReason TEXT,
                    createdAt INTEGER NOT NULL, -- seconds since 1970
                    expiresAt INTEGER,
                    policy TEXT,
                    schedule TEXT,
                    frozenWindowMs REAL,
                    memberCount INTEGER NOT NULL
                ) STRICT;
                CREATE INDEX snapshotSetByName ON snapshotSet (name);

                CREATE TABLE tag (
                    setID TEXT NOT NULL REFERENCES snapshotSet (id) ON DELETE CASCADE,
                    key TEXT NOT NULL,
                    value TEXT NOT NULL,
                    PRIMARY KEY (setID, key)
                ) STRICT, WITHOUT ROWID;
                CREATE INDEX tagByKey ON tag (key, value);

                CREATE TABLE member (
                    setID TEXT NOT NULL REFERENCES snapshotSet (id) ON DELETE CASCADE,
                    position INTEGER NOT NULL,
                    volume TEXT NOT NULL,
                    originUUID TEXT NOT NULL,
                    snapshot TEXT NOT NULL,
                    snapshotUUID TEXT,
                    thinID INTEGER,
                    sizeBytes INTEGER NOT NULL,
                    filesystem TEXT,
                    mountPoint TEXT,
                    frozenMs REAL,
                    PRIMARY KEY (setID, position)
                ) STRICT, WITHOUT ROWID;
                CREATE INDEX memberByOrigin ON member (originUUID);
                """)
    }

    private static func createHooks(_ database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE hook (
                    setID TEXT NOT NULL REFERENCES snapshotSet (id) ON DELETE CASCADE,
                    position INTEGER NOT NULL,
                    stage TEXT NOT NULL,
                    attempt INTEGER NOT NULL,
                    name TEXT NOT NULL,
                    status TEXT NOT NULL,
                    exitCode INTEGER,
                    signal INTEGER,
                    durationMs REAL NOT NULL,
                    reason TEXT,
                    output TEXT NOT NULL,
                    errors TEXT NOT NULL,
                    PRIMARY KEY (setID, position)
                ) STRICT, WITHOUT ROWID;
                """)
    }

    private static func addHolds(_ database: Database) throws {
        try database.execute(
            sql: """
                ALTER TABLE snapshotSet ADD COLUMN holdReason TEXT;
                ALTER TABLE snapshotSet ADD COLUMN heldUntil INTEGER;
                ALTER TABLE snapshotSet ADD COLUMN purgeAt INTEGER;
                """)
    }

    private static func addScriptStatus(_ database: Database) throws {
        try database.execute(
            sql: """
                ALTER TABLE snapshotSet ADD COLUMN preScript TEXT;
                ALTER TABLE snapshotSet ADD COLUMN postScript TEXT;
                """)
    }
}
