import Foundation

/// Prometheus' own judge of metrics and rules, in Debian's package prometheus.
enum Promtool {
    static let isThere = (try? run(["--version"]))?.code == 0

    /// What it says of a text on its standard input, or of files.
    static func run(_ arguments: [String], input: String = "") throws -> (code: Int32, output: String) {
        let file = FileManager.default.temporaryDirectory.appending(path: "promtool-\(UUID().uuidString)")
        try Data(input.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["promtool"] + arguments
        let output = Pipe()
        process.standardInput = try FileHandle(forReadingFrom: file)
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }
}
