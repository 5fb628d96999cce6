import Testing

@testable import LVM

@Suite("Words as lvm2_run takes them")
struct LVMWordsTests {
    /// `lvm_split` of tools/lvmcmdline.c.
    static func split(_ line: String) -> [String] {
        let bytes = Array(line.utf8)
        var words: [String] = []
        var position = 0
        func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }
        while position < bytes.count {
            while position < bytes.count, isSpace(bytes[position]) { position += 1 }
            guard position < bytes.count, bytes[position] != UInt8(ascii: "#") else { break }
            var quote: UInt8?
            if bytes[position] == UInt8(ascii: "'") || bytes[position] == UInt8(ascii: "\"") {
                quote = bytes[position]
                position += 1
            }
            let start = position
            while position < bytes.count, quote.map({ bytes[position] != $0 }) ?? !isSpace(bytes[position]) {
                position += 1
            }
            words.append(String(decoding: bytes[start..<position], as: UTF8.self))
            position += 1
        }
        return words
    }

    @Test("what can be expressed arrives, what cannot is refused")
    func anyWords() throws {
        var generator = SeededGenerator(seed: 3)
        var refused = 0
        for _ in 0..<5000 {
            let words = (0...Int.random(in: 0...4, using: &generator)).map { _ in generator.text(upTo: 12) }
            do {
                let line = try LVMWords.line(words)
                #expect(Self.split(line).map { Array($0.utf8) } == words.map { Array($0.utf8) })
            } catch {
                refused += 1
                #expect(error.code == .unexpressible)
            }
        }
        #expect(refused > 0)
    }

    @Test(
        "spelling",
        arguments: [
            (["lvs"], "lvs"), (["lvs", "a b"], "lvs \"a b\""), (["lvs", ""], "lvs \"\""),
            (["lvs", "#a"], "lvs \"#a\""),
            (["lvs", "a#"], "lvs a#"), (["lvs", "\"a"], "lvs '\"a'"), (["lvs", "'a"], "lvs \"'a\""),
            (["lvs", "a=\"b\""], "lvs a=\"b\""), (["lvs", "a \"b\""], "lvs 'a \"b\"'"),
        ])
    func spelling(words: [String], line: String) throws {
        #expect(try LVMWords.line(words) == line)
    }

    @Test("not expressible", arguments: ["\0", "a\0b", "it's \"x\"", "'\"", "\"'"])
    func inexpressible(word: String) {
        let error = #expect(throws: LVMError.self) { try LVMWords.line(["lvs", word]) }
        #expect(error?.code == .unexpressible)
    }

    @Test("63 words are the limit")
    func limit() throws {
        let words = [String](repeating: "a", count: 63)
        #expect(Self.split(try LVMWords.line(words)) == words)
        #expect(throws: LVMError.self) { try LVMWords.line(words + ["a"]) }
        #expect(throws: LVMError.self) { try LVMWords.line([]) }
    }
}
