import Foundation
import Testing

/// A PostgreSQL server on volumes of the lab, with pgbench's tables, whose indexes are in a tablespace beside the log.
final class Postgres {
    private let lab: ThinLab
    private let data: String
    let sockets: String
    private let port: Int
    private static let programs =
        (try? shell("ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1")) ?? "/usr/lib/postgresql"

    /// Takes the cluster that the package made: its files on `data`, its log on `log`.
    init(_ lab: ThinLab, data: String, log: String) throws {
        self.lab = lab
        self.data = data + "/pg"
        port = 5433
        sockets = lab.directory + "/sockets"
        try shell(
            """
            chmod 755 \(lab.directory)
            install -d -o postgres \(sockets) \(log)/pg \(log)/pg/indexes
            cp -a /var/lib/postgresql/*/main \(self.data)
            mv \(self.data)/pg_wal \(log)/pg/wal
            ln -s \(log)/pg/wal \(self.data)/pg_wal
            echo 'local all all trust' > \(self.data)/pg_hba.conf
            echo 'log_min_messages = panic' > \(self.data)/postgresql.conf
            chown postgres \(self.data)/pg_hba.conf \(self.data)/postgresql.conf
            """)
        // Of the programs, some packages have only psql there.
        try shell("[ ! -e /usr/bin/pg_isready ] || mv /usr/bin/pg_isready /usr/bin/pg_isready.away")
        lab.atEnd("put pg_isready back") {
            try shell("[ ! -e /usr/bin/pg_isready.away ] || mv /usr/bin/pg_isready.away /usr/bin/pg_isready")
        }
        try start()
        try ask("CREATE TABLESPACE indexes LOCATION '\(log)/pg/indexes'")
        try run(
            "pgbench --initialize --quiet --scale 1 --index-tablespace indexes --host \(sockets) --port \(port) "
                + "postgres")
    }

    /// The copy that lies below `root`, as a set's tree has it.
    private init(copyOf server: Postgres, log: String, below root: String) throws {
        lab = server.lab
        data = root + server.data
        sockets = server.sockets
        port = server.port + 1
        try shell("rm -f \(data)/postmaster.pid")
        // The links to the log and to the tablespace lead to the original, and recovery may make one anew: so the server
        // has the copies there.
        let points = [(server.data as NSString).deletingLastPathComponent, log]
        let binds = points.map { "mount --bind \(root)\($0) \($0); " }.joined()
        try shell("unshare --mount --propagation slave sh -ec '\(binds)\(Self.command(startCommand(server.data)))'")
    }

    /// Starts a server on the copies below `root`, and stops it when `body` ends.
    func withCopy<T>(log: String, below root: String, _ body: (Postgres) throws -> T) throws -> T {
        let copy = try Postgres(copyOf: self, log: log, below: root)
        do {
            let result = try body(copy)
            try copy.stop()
            return result
        } catch {
            try? copy.stop()
            throw error
        }
    }

    @discardableResult
    private func run(_ command: String) throws -> String { try shell(Self.command(command)) }

    /// As the server's user.
    private static func command(_ command: String) -> String {
        "cd /; PATH=\(programs):$PATH LC_ALL=C.UTF-8 runuser -u postgres -- \(command) 2>&1"
    }

    private func start() throws { try run(startCommand(data)) }

    private func startCommand(_ data: String) -> String {
        "pg_ctl start --silent --wait --timeout 300 --pgdata \(data) --log \(sockets)/\(port).log "
            + "--options \"-p \(port) -k \(sockets) -c listen_addresses=\""
    }

    func stop() throws { try run("pg_ctl stop --silent --wait --timeout 300 --mode immediate --pgdata \(data)") }

    @discardableResult
    func ask(_ question: String) throws -> String {
        try run(
            "psql --no-psqlrc --tuples-only --no-align --host \(sockets) --port \(port) --dbname postgres "
                + "--command \"\(question)\"")
    }

    /// pgbench with two clients, until it is killed: as fast as it can, or, where rounds are few, so that the emulated
    /// processor has time for them.
    func load() throws -> Child {
        let pace = Soak.isOn ? [] : ["--rate", "10"]
        return try Child(
            [
                "runuser", "-u", "postgres", "--", Self.programs + "/pgbench", "--no-vacuum", "--client", "2", "--time",
                "36000", "--host", sockets, "--port", "\(port)",
            ] + pace + ["postgres"])
    }

    /// Transactions that are committed.
    func committed() throws -> Int { Int(try ask("SELECT count(*) FROM pgbench_history")) ?? -1 }

    /// pgbench's three balances and its history say the same.
    func balancesAgree() throws -> Bool {
        let sums = try ask(
            """
            SELECT (SELECT sum(abalance) FROM pgbench_accounts) = (SELECT sum(tbalance) FROM pgbench_tellers)
            AND (SELECT sum(tbalance) FROM pgbench_tellers) = (SELECT sum(bbalance) FROM pgbench_branches)
            AND (SELECT sum(bbalance) FROM pgbench_branches) = (SELECT sum(delta) FROM pgbench_history)
            """)
        return sums == "t"
    }

    /// pg_amcheck: every relation can be read, and every index has what its table has.
    ///
    /// - Parameter whole: the system's tables too, which no load changes.
    func check(whole: Bool) throws {
        let which = "--database postgres" + (whole ? "" : " --table 'pgbench_*' --index 'pgbench_*'")
        try run("pg_amcheck --host \(sockets) --port \(port) --install-missing --heapallindexed \(which)")
    }

    var parameters: [String] {
        [
            "--hook-param", "host=\(sockets)", "--hook-param", "port=\(port)", "--hook-timeout", "2m", "--max-quiesce",
            "5m",
        ]
    }
}
