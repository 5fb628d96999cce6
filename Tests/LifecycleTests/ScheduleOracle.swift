import Foundation

/// Runs computed without Stillpoint, by `Oracle/schedules.py` and systemd-analyze.
enum ScheduleOracle {
    /// The system's own, for which packages install modules, where there is one.
    private static let python =
        FileManager.default.isExecutableFile(atPath: "/usr/bin/python3") ? "/usr/bin/python3" : "python3"
    static let hasPython = succeeds(python, ["-c", "import zoneinfo; zoneinfo.ZoneInfo('Pacific/Apia')"])
    static let hasCroniter = hasPython && succeeds(python, ["-c", "import croniter"])
    static let hasSystemd = succeeds("systemd-analyze", ["calendar", "--base-time=@0", "daily"])

    struct Request: Encodable {
        var from: Int
        var to: Int
        var zones: [String]
        /// The kind, `cron`, `calendar`, `interval` or `every`, and the text.
        var expressions: [[String]]
    }

    /// For each zone, for each expression of it, the runs in from < run <= to.
    static func runs(_ request: Request, _ arguments: String...) throws -> [[Int]] {
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Oracle/schedules.py")
        let input = FileManager.default.temporaryDirectory.appending(path: "schedules-\(UUID().uuidString).json")
        try JSONEncoder().encode(request).write(to: input)
        defer { try? FileManager.default.removeItem(at: input) }
        let output = try output(of: python, [script.path] + arguments, input: FileHandle(forReadingFrom: input))
        var results: [[Int]] = []
        output.withUnsafeBytes { bytes in
            var rest = bytes.bindMemory(to: Int64.self)[...]
            while let count = rest.first.map(Int.init) {
                results.append(rest.dropFirst().prefix(count).map(Int.init))
                rest = rest.dropFirst(count + 1)
            }
        }
        return results
    }

    /// The next runs of a calendar expression, in UTC.
    static func systemdRuns(_ text: String, after start: Int, count: Int) throws -> [Int] {
        let output = try output(
            of: "systemd-analyze", ["calendar", "--iterations=\(count)", "--base-time=@\(start)", text + " UTC"])
        let strategy = Date.ISO8601FormatStyle().year().month().day().dateTimeSeparator(.space).time(
            includingFractionalSeconds: false)
        return try String(decoding: output, as: UTF8.self).split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard words.last == "UTC", line.contains("elapse:") || line.contains("Iter.") else { return nil }
            return Int(try strategy.parse(words.suffix(3).prefix(2).joined(separator: " ")).timeIntervalSince1970)
        }
    }

    private static func succeeds(_ program: String, _ arguments: [String]) -> Bool {
        (try? output(of: program, arguments)) != nil
    }

    private static func output(of program: String, _ arguments: [String], input: FileHandle = .nullDevice) throws
        -> Data
    {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [program] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(["LC_ALL": "C", "TZ": "UTC"]) { $1 }
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw OracleFailure(program: program) }
        return data
    }

    private struct OracleFailure: Error {
        var program: String
    }
}
