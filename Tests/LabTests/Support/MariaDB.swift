import Foundation
import Testing

/// A MariaDB server on two volumes of the lab: a table of InnoDB on the first and one of MyISAM on the second, between
/// which a client moves amounts, and whose sum never changes between two statements.
final class MariaDB {
    private let lab: ThinLab
    private let data: String
    private let port: Int
    private var server: Child?

    private var socket: String { "\(lab.directory)/mariadb/\(port)" }
    /// The client's options.
    var options: String { "\(lab.directory)/mariadb/\(port).cnf" }
    static let rows = 300

    /// Takes the cluster that the package made, and puts the tables of `moved` on the second volume.
    init(_ lab: ThinLab, data: String, tables: String) throws {
        self.lab = lab
        self.data = data + "/mysql"
        port = 3307
        try shell(
            """
            chmod 755 \(lab.directory)
            cp -a /var/lib/mysql \(self.data)
            install -d -o mysql -g mysql \(tables)/moved \(lab.directory)/mariadb
            ln -s \(tables)/moved \(self.data)/moved
            """)
        try start()
        try ask(
            """
            CREATE DATABASE fixed; CREATE TABLE fixed.a (id INT PRIMARY KEY, v BIGINT NOT NULL) ENGINE=InnoDB;
            CREATE TABLE moved.b (id INT PRIMARY KEY, v BIGINT NOT NULL) ENGINE=MyISAM;
            USE fixed; INSERT INTO fixed.a SELECT seq, 1000 FROM seq_1_to_\(Self.rows);
            INSERT INTO moved.b SELECT seq, 1000 FROM seq_1_to_\(Self.rows);
            CREATE TRIGGER moved.move BEFORE UPDATE ON moved.b FOR EACH ROW
                UPDATE fixed.a SET v = v - 1 + SLEEP(0.0005) WHERE id = NEW.id;
            """)
    }

    private init(copyOf server: MariaDB, tables: String, below root: String) throws {
        lab = server.lab
        data = root + server.data
        port = server.port + 1
        try shell("rm \(data)/moved; ln -s \(root)\(tables)/moved \(data)/moved")
        try start()
    }

    /// The sum over both engines in a server that is started on the copies below `root`; `nil` when a table of MyISAM
    /// cannot be read.
    func sumInCopy(tables: String, below root: String) throws -> Int? {
        let copy = try MariaDB(copyOf: self, tables: tables, below: root)
        defer { copy.stop() }
        return try? copy.sum()
    }

    private func start() throws {
        try shell("printf '[client]\\nsocket=\(socket)\\nuser=root\\n' > \(options)")
        server = try Child([
            "mariadbd", "--no-defaults", "--user=mysql", "--datadir=\(data)", "--socket=\(socket)", "--skip-networking",
            "--pid-file=\(socket).pid", "--log-error=\(socket).log", "--innodb-buffer-pool-size=32M",
            "--performance-schema=OFF", "--tmpdir=/tmp",
        ])
        // A server that ended stays a zombie until it is waited for.
        try shell(
            """
            until mariadb --defaults-file=\(options) -e 'SELECT 1' >/dev/null 2>&1; do
                case $(cut -d ' ' -f 3 /proc/\(server?.pid ?? 0)/stat) in Z) tail -n 20 \(socket).log >&2; exit 1 ;; esac
            done
            """)
    }

    func stop() { server?.kill() }

    @discardableResult
    func ask(_ statements: String) throws -> String {
        try shell("mariadb --defaults-file=\(options) --batch --skip-column-names -e \"\(statements)\"")
    }

    /// Moves amounts from one table to the other, in statements that touch every row of both, until it is killed. They
    /// take their time between the rows, and MyISAM has each at once, InnoDB none before the end: a cut falls between,
    /// mostly.
    func load() throws -> Child {
        let pause = Soak.isOn ? ":" : "sleep 0.1"
        return try Child([
            "sh", "-euc",
            """
            while \(pause); do echo 'UPDATE moved.b SET v = v + 1;'; done | mariadb --defaults-file=\(options)
            """,
        ])
    }

    func sum() throws -> Int {
        try #require(Int(try ask("SELECT (SELECT sum(v) FROM fixed.a) + (SELECT sum(v) FROM moved.b)")))
    }

    /// How often the client has moved something.
    func moves() throws -> Int { 1000 - (try #require(Int(try ask("SELECT v FROM fixed.a WHERE id = 1")))) }
}
