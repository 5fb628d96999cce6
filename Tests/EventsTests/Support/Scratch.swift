import Foundation
import SystemPackage
import Testing

@testable import Events

/// A directory that goes with the test.
final class Scratch: Sendable {
    let path: FilePath
    /// Where the log of this test is.
    var events: FilePath { path.appending("events") }

    init() throws {
        var template = Array("/tmp/stillpoint-events-XXXXXX".utf8CString)
        path = FilePath(String(cString: try #require(mkdtemp(&template))))
    }

    deinit { try? FileManager.default.removeItem(atPath: path.string) }

    func file(_ name: String) -> String { path.string + "/" + name }

    /// The lines of a file; none when it is not there.
    func lines(_ name: String) -> [String] {
        let text = (try? String(contentsOfFile: file(name), encoding: .utf8)) ?? ""
        return text.split(separator: "\n").map(String.init)
    }

    func write(_ name: String, _ text: String) throws {
        try text.write(toFile: file(name), atomically: false, encoding: .utf8)
    }

    /// Adds bytes to a file as they are.
    func append(_ text: String, to name: String) throws {
        let handle = try #require(FileHandle(forWritingAtPath: file(name)))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(text.utf8))
        try handle.close()
    }

    /// The files of the log.
    var logFiles: [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: events.string)) ?? []
        return names.filter { $0.hasSuffix(".jsonl") }.sorted()
    }

    /// A sink that is a script, with `$dir` for this directory.
    func sink(_ script: String, id: String = "script") throws -> EventSink {
        try write(id + ".sh", "dir=\(path.string)\n" + script)
        return try EventSink(.command(["/bin/sh", file(id + ".sh")]), id: id)
    }
}
