import Foundation
import Testing

/// A SQLite file on a volume of the lab, and a client that moves amounts between two tables in it.
struct SQLite {
    /// Whose it is, and who opens it.
    static let user = "nobody"
    private static let asUser = ["setpriv", "--reuid", user, "--regid", "nogroup", "--clear-groups"]
    let file: String
    private let log: String

    init(_ lab: ThinLab, at directory: String) throws {
        file = directory + "/shop.sqlite"
        log = lab.directory + "/committed"
        try shell(
            """
            chmod 755 \(lab.directory)
            touch \(log)
            chown \(Self.user) \(log) \(directory)
            \(Self.asUser.joined(separator: " ")) sqlite3 \(file) 'PRAGMA journal_mode=WAL; CREATE TABLE a (v);
                CREATE TABLE b (v); INSERT INTO a VALUES (0); INSERT INTO b VALUES (0);' >/dev/null
            """)
    }

    /// Until it is killed; writes to a file how many transactions are committed.
    func load() throws -> Child {
        try client(
            """
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
            """)
    }

    /// Until it is killed, it is in the middle of reading: what is committed since then stays in the log.
    func read() throws -> Child {
        let reader = try client(
            """
            db.execute("BEGIN")
            db.execute("SELECT v FROM a").fetchall()
            open("\(file).read", "w")
            time.sleep(36000)
            """)
        // A client that ended stays a zombie until it is waited for.
        try shell(
            """
            until [ -e \(file).read ]; do
                case $(cut -d ' ' -f 3 /proc/\(reader.pid)/stat) in Z) exit 1 ;; esac
            done
            """)
        return reader
    }

    private func client(_ lines: String) throws -> Child {
        let connected = """
            import os, sqlite3, time
            db = sqlite3.connect("\(file)", isolation_level=None, timeout=600)

            """
        return try Child(Self.asUser + ["python3", "-c", connected + lines])
    }

    /// Transactions that are committed, once there is one.
    func committed() throws -> Int {
        try #require(Int(try shell("until [ -s \(log) ]; do :; done; cat \(log)")))
    }

    /// What the file below `root` holds, without its log.
    func countInCopy(below root: String) throws -> Int { try count("'file:\(root)\(file)?immutable=1'") }

    /// What a copy of the file below `root` and of its log holds.
    func countWithLog(below root: String) throws -> Int {
        let place = log + ".copy"
        try shell("mkdir \(place); cp \(root)\(file) \(root)\(file)-wal \(place)")
        return try count("\(place)/shop.sqlite")
    }

    private func count(_ copy: String) throws -> Int {
        #expect(try shell("sqlite3 \(copy) 'PRAGMA integrity_check'") == "ok")
        #expect(try shell("sqlite3 \(copy) 'SELECT a.v + b.v FROM a, b'") == "0")
        return try #require(Int(try shell("sqlite3 \(copy) 'SELECT v FROM a'")))
    }
}
