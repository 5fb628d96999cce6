import Foundation
import Testing

/// A Redis server whose files are on a volume of the lab, and a client that counts.
final class Redis {
    private let lab: ThinLab
    private let data: String
    private let hasLog: Bool
    let port: Int
    private var server: Child?

    /// - Parameter hasLog: with an append-only file; without one it writes nothing by itself.
    init(_ lab: ThinLab, data: String, hasLog: Bool, port: Int = 6390) throws {
        self.lab = lab
        self.data = data
        self.hasLog = hasLog
        self.port = port
        server = try Child([
            "redis-server", "--port", "\(port)", "--bind", "127.0.0.1", "--dir", data, "--save", "", "--appendonly",
            hasLog ? "yes" : "no", "--aof-load-truncated", "no",
        ])
        try shell(
            """
            until [ "$(redis-cli -p \(port) PING 2>/dev/null)" = PONG ]; do
                case $(cut -d ' ' -f 3 /proc/\(server?.pid ?? 0)/stat) in Z) exit 1 ;; esac
            done
            """)
    }

    /// With a child of its own that may still write.
    func stop() {
        guard let server else { return }
        _ = try? attempt("pkill", "-KILL", "-P", "\(server.pid)")
        server.kill()
    }

    /// Gives it words of a command, as a shell has them. A server that answers nobody fails the test.
    @discardableResult
    func ask(_ words: String) throws -> String { try shell("timeout 120 redis-cli -p \(port) \(words)") }

    /// Gives it a command that makes a child write all keys, which takes the child so long for each key.
    func beginSlowly(_ words: String, seconds: Int) throws {
        try ask("CONFIG SET rdb-key-save-delay \(seconds * 1_000_000)")
        try ask(words)
        try ask("CONFIG SET rdb-key-save-delay 0")
    }

    /// Reads `n` while the next dump is being made, and then makes the dump fail.
    func readDuringDump() throws -> Child {
        let ask = "timeout 120 redis-cli -p \(port)"
        return try Child([
            "timeout", "180", "sh", "-euc",
            """
            until \(ask) INFO persistence | grep -q rdb_bgsave_in_progress:1; do :; done
            \(ask) GET n
            pkill -KILL -P \(server?.pid ?? 0)
            """,
        ])
    }

    /// Counts, a hundred times in a second, until it is killed; the answers go to a file.
    func load() throws -> Child {
        try Child(["sh", "-c", "exec stdbuf -oL redis-cli -p \(port) -r -1 -i 0.01 INCR n >\(answers)"])
    }

    /// The last number that the client was told of, once it was told one.
    func acknowledged() throws -> Int {
        try #require(Int(try shell("until [ -s \(answers) ]; do :; done; tail -n 2 \(answers) | head -n 1")))
    }

    private var answers: String { "\(lab.directory)/answers" }

    /// What a server says that is started on a copy of the files.
    ///
    /// - Parameter hasLog: what the original was told meanwhile; `nil`: nothing.
    func countInCopy(below root: String, hasLog: Bool? = nil) throws -> Int {
        let copy = try Redis(lab, data: root + data, hasLog: hasLog ?? self.hasLog, port: port + 1)
        defer { copy.stop() }
        return Int(try copy.ask("GET n")) ?? 0
    }
}
