import Testing

@testable import LVM

@Suite("Tags in LVM's characters")
struct LVMTagTests {
    @Test("any text comes back as it was, in characters that LVM takes")
    func roundTrip() throws {
        var generator = SeededGenerator(seed: 1)
        var seen: [String: [UInt8]] = [:]
        for _ in 0..<5000 {
            let text = generator.text(upTo: 40)
            let encoded = LVMTag.encode(text)
            #expect(encoded.utf8.allSatisfy { $0.isAlphanumeric || "._-+/!:".utf8.contains($0) })
            #expect(LVMTag.decode(encoded).map { Array($0.utf8) } == Array(text.utf8))
            #expect(seen.updateValue(Array(text.utf8), forKey: encoded) ?? Array(text.utf8) == Array(text.utf8))
        }
    }

    @Test("any key and value come back from a tag")
    func pairs() throws {
        var generator = SeededGenerator(seed: 2)
        for _ in 0..<2000 {
            let (key, value) = (generator.text(upTo: 20), generator.text(upTo: 40))
            let tag = try LVMTag.user(key, value)
            #expect(try LVMTag.checked(tag) == tag)
            let parsed = try #require(try LVMTag.parse(tag))
            #expect(Array(parsed.key.utf8) == Array("tag.\(key)".utf8))
            #expect(Array(parsed.value.utf8) == Array(value.utf8))
        }
    }

    @Test(
        "spelling",
        arguments: [
            ("", ""), ("plain-1.2_3/4:5+6", "plain-1.2_3/4:5+6"), ("a b", "a!20b"), ("=", "!3D"), ("!", "!21"),
            ("#&@", "!23!26!40"), ("ü", "!C3!BC"), ("\0", "!00"),
        ])
    func spelling(text: String, encoded: String) {
        #expect(LVMTag.encode(text) == encoded)
    }

    @Test(
        "what we did not write is damaged",
        arguments: ["x=!", "x=!2", "x=!2g", "x=!c3!bc", "x=!41", "x=!FF", "x", "x=a=b", "x=é"])
    func damaged(rest: String) {
        let error = #expect(throws: LVMError.self) { try LVMTag.parse("stillpoint." + rest) }
        #expect(error?.code == .damagedTags)
    }

    @Test(
        "tags of others are none of ours",
        arguments: ["", "backup", "stillpoint", "Stillpoint.set=1", "x.stillpoint.set=1"])
    func foreign(tag: String) throws {
        #expect(try LVMTag.parse(tag) == nil)
    }

    @Test("a tag has at most 1024 bytes, and the error names key and length")
    func length() throws {
        let room = 1024 - "stillpoint.mount=".utf8.count
        #expect(try LVMTag.tag("mount", String(repeating: "a", count: room)).utf8.count == 1024)
        let error = #expect(throws: LVMError.self) {
            try LVMTag.tag("mount", String(repeating: "a", count: room + 1))
        }
        #expect(error?.code == .unexpressible)
        #expect(error?.message.contains("mount") == true)
        #expect(error?.message.contains("1025") == true)
    }

    @Test("LVM's characters", arguments: ["", "-x", "a b", "a,b", "a@b", "a\"b", "a'b", "ü", "a\nb", "a{b"])
    func refused(tag: String) {
        #expect(throws: LVMError.self) { try LVMTag.checked(tag) }
    }
}
