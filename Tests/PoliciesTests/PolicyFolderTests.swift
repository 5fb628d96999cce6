import Foundation
import Lifecycle
import SystemPackage
import Testing

@testable import Policies

/// Which files are taken.
final class PolicyFolderTests {
    private let path: FilePath
    private var folder: PolicyFolder { PolicyFolder(path) }

    init() throws {
        var template = Array("/tmp/stillpoint-policies-XXXXXX".utf8CString)
        path = FilePath(String(cString: try #require(mkdtemp(&template))))
    }

    deinit { try? FileManager.default.removeItem(atPath: path.string) }

    private func write(_ name: String, id: String, mode: mode_t = 0o644) throws {
        let text = "id: \(id) # mine\ntargets: vg0\nschedules: [{id: a, create: {every: 1d}, retain: {count: 1}}]\n"
        try text.write(toFile: path.appending(name).string, atomically: false, encoding: .utf8)
        #expect(chmod(path.appending(name).string, mode) == 0)
    }

    @Test("good ones by id; the others with what is wrong")
    func reading() throws {
        try write("b.yaml", id: "one")
        try write("a.yml", id: "two")
        try write("open.yaml", id: "three", mode: 0o666)
        try write("copy.yaml", id: "four")
        try write("copy-2.yaml", id: "four")
        try write("note.txt", id: "five")
        try write(".hidden.yaml", id: "six")
        let (entries, problems) = try folder.read()
        #expect(entries.map(\.policy.id) == ["one", "two"])
        #expect(problems.count == 2)
        #expect(
            problems.contains {
                $0.contains("copy-2.yaml:1 and") && $0.contains("copy.yaml:1 have the same id four: change one")
            })
        #expect(problems.contains { $0.contains("chmod go-w") })
        #expect(try PolicyFolder(path.appending("none")).read().entries.isEmpty)
        #expect(chmod(path.string, 0o777) == 0)
        #expect(throws: (any Error).self) { try folder.read() }
    }

    @Test("a state that is changed is in the file, with everything else")
    func state() throws {
        try write("b.yaml", id: "one")
        let file = path.appending("b.yaml")
        try folder.setState(.disabled, in: file)
        #expect(try folder.policy(in: file).state == .disabled)
        #expect(try String(contentsOfFile: file.string, encoding: .utf8).contains("id: one # mine"))
        try folder.setState(.enabled, in: file)
        #expect(try folder.policy(in: file).state == .enabled)
        var status = stat()
        #expect(stat(file.string, &status) == 0 && status.st_mode & 0o777 == 0o644)
    }
}
