import Glibc

/// Sends an event to a web server, by curl.
struct Webhook {
    let url: String
    let curl: String

    /// By POST. Taken is what the server answers with 2xx: one that leads elsewhere has not got it.
    func post(_ line: [UInt8], limit: Duration) throws(SinkFailure) {
        guard access(curl, X_OK) == 0 else {
            throw SinkFailure(text: "\(curl) is not there: webhooks need the package curl")
        }
        // Everybody sees the words of a command line in ps, and a URL may have a token in it.
        let settings = try MemoryFile(Self.settings(for: url).utf8)
        let answer = try MemoryFile()
        let words = [
            // First: no settings of root's for other purposes.
            curl, "--disable", "--config", settings.path, "--silent", "--show-error", "--globoff", "--max-time",
            "\(max(1, limit.components.seconds))", "--header", "Content-Type: application/json", "--data-binary", "@-",
            "--output", "/dev/null", "--write-out", "%{http_code}",
        ]
        // It keeps the time itself, and says more.
        try SinkProgram.run(words, input: line, output: answer, limit: limit + .seconds(2))
        let code = answer.text(limit: 16)
        guard code.count == 3, code.hasPrefix("2") else { throw SinkFailure(text: Self.problem(with: code)) }
    }

    /// As curl reads its settings: a backslash stands before a quote and before itself.
    static func settings(for url: String) -> String {
        "url = \"\(url.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\"\n"
    }

    private static func problem(with code: String) -> String {
        code.hasPrefix("3")
            ? "the server answered \(code): give the URL that it leads to" : "the server answered \(code)"
    }
}
