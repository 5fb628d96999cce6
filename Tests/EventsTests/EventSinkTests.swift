import SetModel
import Testing

@testable import Events

/// What can be a sink.
struct EventSinkTests {
    @Test(
        arguments: [
            (.command([]), "absolute path"), (.command(["notify"]), "absolute path"), (.command([""]), "absolute path"),
            (.command(["/bin/echo", "a\0b"]), "zero byte"), (.webhook(""), "http"), (.webhook("ftp://a/"), "http"),
            (.webhook("http://"), "http"), (.webhook("file:///etc/passwd"), "http"), (.webhook("-K/etc/x"), "http"),
            (.webhook("http://a/b c"), "blanks"), (.webhook("http://a/\n"), "blanks"),
        ] as [(EventSink.Target, String)])
    func refused(_ target: EventSink.Target, _ hint: String) {
        let error = #expect(throws: SnapshotError.self) { try EventSink(target) }
        #expect(error?.code == .usage)
        #expect(error?.message.contains(hint) == true)
    }

    @Test(
        arguments: [
            .webhook("htps://hooks.example/T0KEN"), .webhook("https://hooks.example/T0KEN x"),
            .command(["x", "T0KEN"]),
            .command(["/bin/x", "T0KEN\0"]),
        ] as [EventSink.Target])
    func errorsTellNoSecret(_ target: EventSink.Target) {
        let error = #expect(throws: SnapshotError.self) { try EventSink(target, id: "pager") }
        #expect(error?.description.contains("T0KEN") == false)
        #expect(error?.message.contains("sink pager: ") == true)
    }

    @Test(arguments: ["", ".x", "-x", "a/b", "a b", String(repeating: "x", count: 65)])
    func refusedID(_ id: String) {
        #expect(throws: SnapshotError.self) { try EventSink(.webhook("http://127.0.0.1/"), id: id) }
    }

    @Test func idsAreStableAndOfTheirTarget() throws {
        let targets: [EventSink.Target] = [
            .command(["/bin/a"]), .command(["/bin/a", ""]), .command(["/bin/a", "b"]), .webhook("http://a/"),
            .webhook("HTTPS://a/"),
        ]
        let ids = try targets.map { try EventSink($0).id }
        #expect(Set(ids).count == targets.count)
        #expect(ids.allSatisfy { PlainName.isName($0) })
        #expect(try targets.map { try EventSink($0).id } == ids)
        #expect(try EventSink(targets[0], id: "mine").id == "mine")
        // It is part of a file's name: another one would begin the sink anew.
        #expect(ids[0] == "command-\(Self.hash("/bin/a"))")
    }

    /// FNV-1a, 64 bits.
    private static func hash(_ text: String) -> String {
        let hash = text.utf8.reduce(14_695_981_039_346_656_037 as UInt64) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
