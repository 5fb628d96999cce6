public import SetModel

/// Somebody who is told of every event: a program, or a web server.
public struct EventSink: Sendable, Equatable, Identifiable {
    /// What an event is given to.
    public enum Target: Sendable, Equatable {
        /// The path of a program and its arguments: it gets the event as a line of JSON on its standard input, and has
        /// taken it when its exit code is 0.
        case command([String])
        /// A URL, `http` or `https`: the event is sent by POST, and taken when the answer is 2xx.
        case webhook(String)
    }

    /// Under it is remembered what the sink has got.
    public let id: String
    public let target: Target

    /// - Parameter id: `nil`: one that is made of the target. A sink whose id changes begins anew.
    /// - Throws: `usage` for what cannot be one.
    public init(_ target: Target, id: String? = nil) throws(SnapshotError) {
        if let id, !PlainName.isName(id) {
            throw SnapshotError(
                .usage,
                "the sink's id \(id.debugDescription) is not 1 to 64 letters, digits and . _ -, or begins with . or -")
        }
        self.id = id ?? Self.id(of: target)
        self.target = target
        if let problem = Self.problem(target) { throw SnapshotError(.usage, "sink \(self.id): \(problem)") }
    }

    /// Without its words: a URL or an argument may be a secret, and errors are read by many.
    private static func problem(_ target: Target) -> String? {
        switch target {
        case .command(let words):
            guard let program = words.first, program.hasPrefix("/") else {
                return "its command does not begin with the absolute path of a program"
            }
            guard words.allSatisfy({ !$0.utf8.contains(0) }) else {
                return "its command has a zero byte in it"
            }
        case .webhook(let url):
            let lower = url.lowercased()
            guard let scheme = ["http://", "https://"].first(where: lower.hasPrefix), url.utf8.count > scheme.utf8.count
            else { return "its URL does not begin with http:// or https://" }
            guard url.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7f }) else {
                return "its URL has blanks or control characters in it: escape them by %"
            }
        }
        return nil
    }

    /// FNV-1a over its words: short, and the same in every run.
    private static func id(of target: Target) -> String {
        let kind: String
        let words: [String]
        switch target {
        case .command(let argv):
            kind = "command"
            words = argv
        case .webhook(let url):
            kind = "webhook"
            words = [url]
        }
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in words.joined(separator: "\0").utf8 {
            hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
        }
        let digits = String(hash, radix: 16)
        return kind + "-" + String(repeating: "0", count: 16 - digits.count) + digits
    }
}
