import Foundation
import Hooks
import SystemPackage
import Testing

/// A folder of hook documents that goes with the test.
final class Folder {
    let path: FilePath
    var hooks: HookFolder { HookFolder(path) }

    init() throws {
        var template = Array("/tmp/stillpoint-hooks-XXXXXX".utf8CString)
        path = FilePath(String(cString: try #require(mkdtemp(&template))))
    }

    deinit { try? FileManager.default.removeItem(atPath: path.string) }

    /// - Returns: the file's path.
    @discardableResult
    func write(_ name: String, _ text: String, mode: mode_t = 0o644) throws -> FilePath {
        let file = path.pushing(FilePath(name))
        try FileManager.default.createDirectory(
            atPath: file.removingLastComponent().string, withIntermediateDirectories: true)
        try text.write(toFile: file.string, atomically: false, encoding: .utf8)
        #expect(chmod(file.string, mode) == 0)
        return file
    }

    /// What is said about a document that is refused.
    func refusal(_ name: String, sourceLocation: SourceLocation = #_sourceLocation) -> String {
        do {
            let document = try hooks.document(named: name)
            Issue.record("not refused: \(document)", sourceLocation: sourceLocation)
            return ""
        } catch {
            return String(describing: error).replacing(path.string + "/", with: "")
        }
    }
}
