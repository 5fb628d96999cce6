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

    func stop() { server?.kill() }

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
    func countInCopy(below root: String) throws -> Int {
        let copy = try Redis(lab, data: root + data, hasLog: hasLog, port: port + 1)
        defer { copy.stop() }
        return Int(try shell("redis-cli -p \(copy.port) GET n")) ?? 0
    }
}
