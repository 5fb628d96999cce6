import Foundation
import Testing

/// A web server on loopback, at a port of its own, that gives its answers in order and then 200.
final class WebServer {
    struct Request: Decodable {
        var status: Int
        var path: String
        var type: String
        var body: String
    }

    private static let python = "/usr/bin/python3"
    static let isAvailable = [python, "/usr/bin/curl"].allSatisfy {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    /// It ends when its standard input does. Each request is written down before it is answered.
    private static let program = """
        import http.server, json, os, socketserver, sys, threading
        answers = [int(word) for word in sys.argv[2:]]
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                status = answers.pop(0) if answers else 200
                with open(sys.argv[1], "a") as log:
                    request = {"status": status, "path": self.path, "type": self.headers["Content-Type"], "body": body}
                    log.write(json.dumps(request) + "\\n")
                self.send_response(status)
                if 300 <= status < 400: self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()
            def log_message(self, *words):
                pass
        server = socketserver.TCPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(server.server_address[1], flush=True)
        sys.stdin.read()
        os._exit(0)
        """

    private let scratch: Scratch
    private let process = Process()
    private let input = Pipe()
    let url: String

    init(_ scratch: Scratch, answers: [Int]) throws {
        self.scratch = scratch
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: Self.python)
        process.arguments = ["-c", Self.program, scratch.file("requests")] + answers.map { "\($0)" }
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        // All of the line is written at once.
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        let port = try #require(Int(line.trimmingCharacters(in: .whitespacesAndNewlines)))
        url = "http://127.0.0.1:\(port)/hook"
    }

    deinit { stop() }

    /// Nobody listens at its port when this returns.
    func stop() {
        guard process.isRunning else { return }
        // Threads of the concurrency runtime block other signals, and their children inherit that.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// What came, also to others of the same test before.
    var requests: [Request] {
        scratch.lines("requests").compactMap { try? JSONDecoder().decode(Request.self, from: Data($0.utf8)) }
    }
}
