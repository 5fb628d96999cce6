import Foundation
import Testing

/// A SQLite file on a volume of the lab, and a client that moves amounts between two tables in it.
struct SQLite {
    let file: String
    private let log: String

    init(_ lab: ThinLab, at directory: String) throws {
        file = directory + "/shop.sqlite"
        log = lab.directory + "/committed"
        try shell(
            """
            sqlite3 \(file) 'PRAGMA journal_mode=WAL; CREATE TABLE a (v); CREATE TABLE b (v);
                INSERT INTO a VALUES (0); INSERT INTO b VALUES (0);' >/dev/null
            """)
    }

    /// Until it is killed; writes to a file how many transactions are committed.
    func load() throws -> Child {
        try Child([
            "python3", "-c",
            """
            import os, sqlite3, time
            db = sqlite3.connect("\(file)", isolation_level=None, timeout=600)
            db.execute("PRAGMA wal_autocheckpoint=0")
            log = os.open("\(log)", os.O_WRONLY | os.O_CREAT)
            for n in range(1, 1 << 60):
                db.execute("BEGIN IMMEDIATE")
                db.execute("UPDATE a SET v = v + 1")
                db.execute("UPDATE b SET v = v - 1")
                db.execute("COMMIT")
                os.pwrite(log, b"%020d" % n, 0)
                # An emulated processor has more to do.
                time.sleep(0.01)
            """,
        ])
    }

    /// Transactions that are committed, once there is one.
    func committed() throws -> Int {
        try #require(Int(try shell("until [ -s \(log) ]; do :; done; cat \(log)")))
    }

    /// What the file below `root` holds, without its log.
    func countInCopy(below root: String) throws -> Int {
        let copy = "'file:\(root)\(file)?immutable=1'"
        #expect(try shell("sqlite3 \(copy) 'PRAGMA integrity_check'") == "ok")
        #expect(try shell("sqlite3 \(copy) 'SELECT a.v + b.v FROM a, b'") == "0")
        return try #require(Int(try shell("sqlite3 \(copy) 'SELECT v FROM a'")))
    }
}
