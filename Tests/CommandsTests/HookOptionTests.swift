import ArgumentParser
import Foundation
import Hooks
import SetModel
import Snapshots
import SystemPackage
import Testing

@testable import Commands

/// The flags of hooks.
struct HookOptionTests {
    @Test func parameters() throws {
        let file = "/tmp/stillpoint-parameter-\(UUID().uuidString)"
        defer { unlink(file) }
        try "open sesame\n".write(toFile: file, atomically: false, encoding: .utf8)
        let values = try HookParameters.parse(["a=", "b=x=y", "c=@" + file, "d=@@me"])
        #expect(values == ["a": "", "b": "x=y", "c": "open sesame", "d": "@me"])
    }

    @Test("the end of a file's last line is no part of a value")
    func lineEnds() throws {
        let file = "/tmp/stillpoint-parameter-\(UUID().uuidString)"
        defer { unlink(file) }
        for (content, value) in [
            ("a\n", "a"), ("a\r\n", "a"), ("a\n\n", "a\n"), ("a", "a"), ("\r\n", ""), ("", ""),
        ] {
            try content.write(toFile: file, atomically: false, encoding: .utf8)
            #expect(try HookParameters.parse(["a=@" + file]) == ["a": value], "\(content.debugDescription)")
        }
    }

    @Test("a pipe is read to its end")
    func pipes() throws {
        var ends: [Int32] = [-1, -1]
        #expect(pipe(&ends) == 0)
        let (input, output) = (ends[0], ends[1])
        // F_SETPIPE_SZ: what comes does not fit into it.
        #expect(fcntl(output, 1031, 4096) > 0)
        let value = String(repeating: "x", count: 60_000)
        Thread.detachNewThread {
            _ = try? FileDescriptor(rawValue: output).writeAll(Array((value + "\n").utf8))
            close(output)
            close(input)
        }
        #expect(try HookParameters.parse(["a=@/dev/fd/\(input)"]) == ["a": value])
    }

    @Test(
        "what is wrong is named",
        arguments: [
            ("a", "--hook-param a is no KEY=VALUE"), ("=b", "no KEY=VALUE"),
            ("a=@/nowhere/x", "a: /nowhere/x cannot be read"),
        ]
    )
    func wrong(word: String, says: String) {
        let error = #expect(throws: (any Error).self) { try HookParameters.parse([word]) }
        #expect(error.map { "\($0)" }?.contains(says) == true, "\(String(describing: error))")
    }

    @Test func twice() {
        #expect(throws: (any Error).self) { try HookParameters.parse(["a=1", "a=2"]) }
        #expect(throws: (any Error).self) { try HookUse.parse(["--hook-param", "a=1", "--hook-param", "a=2"]).check() }
    }

    @Test("a file is read once, when its value is needed: it may be a pipe")
    func readOnce() throws {
        try HookUse.parse(["--hook-param", "a=@/nowhere/x"]).check()
        let library = HookLibrary([HookFolder("/nowhere")])
        let error = #expect(throws: SnapshotError.self) {
            try HookUse.parse(["--hook-param", "a=@/nowhere/x"]).document("a", in: library)
        }
        #expect(error?.code == .usage && error?.message.contains("/nowhere/x cannot be read") == true)
    }

    @Test("the steps before the cut are never cut off by the limit of the whole")
    func limits() throws {
        let document = HookDocument(name: "a", file: "/none", format: .stillpoint)
        func limit(_ words: String...) throws -> Duration {
            let use = try HookUse.parse(words)
            try use.check()
            return use.request(document, [:]).quiesceLimit
        }
        #expect(try limit() == .seconds(120))
        #expect(try limit("--hook-timeout", "60s") == .seconds(120))
        #expect(try limit("--hook-timeout", "5m") == .seconds(330))
        #expect(try limit("--hook-timeout", "5m", "--max-quiesce", "5m") == .seconds(300))
        // As a policy asks for it.
        #expect(HookRequest(document: document, timeout: .seconds(120)).quiesceLimit == .seconds(150))
        #expect(throws: (any Error).self) { try limit("--hook-timeout", "2m", "--max-quiesce", "119s") }
    }

    @Test("a document is used only if it is the one that was pinned")
    func pinned() throws {
        let folder = FilePath("/tmp/stillpoint-pinned-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(atPath: folder.string) }
        try FileManager.default.createDirectory(atPath: folder.string, withIntermediateDirectories: true)
        #expect(chmod(folder.string, 0o755) == 0)
        let file = folder.appending("a.yaml").string
        try "pre: [{id: a, argv: [a]}]\n".write(toFile: file, atomically: false, encoding: .utf8)
        #expect(chmod(file, 0o644) == 0)
        let library = HookLibrary([HookFolder(folder)])
        let digest = try library.document(named: "a").sha256
        for word in [digest, digest.uppercased()] {
            _ = try HookUse.parse(["--hook-sha256", word]).document("a", in: library)
        }
        try "pre: [{id: a, argv: [b]}]\n".write(toFile: file, atomically: false, encoding: .utf8)
        let error = #expect(throws: SnapshotError.self) {
            try HookUse.parse(["--hook-sha256", digest]).document("a", in: library)
        }
        #expect(error?.code == .refused)
        #expect(error?.message.contains("a.yaml is not the document that is pinned") == true)
        let broken = #expect(throws: (any Error).self) { try HookUse.parse(["--hook-sha256", "abc"]).check() }
        #expect(broken.map { "\($0)" }?.contains("64 hexadecimal digits") == true)
    }
}
