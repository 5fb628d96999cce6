import Documents
import Lifecycle
import Policies
import SystemPackage
import Testing

/// JSON is read by a parser of YAML, and means what it means as JSON.
struct DocumentJSONTests {
    @Test(
        "a character that is escaped as two halves is one; what only looks like it stays as it is",
        arguments: [
            (#"["\ud83d\ude00"]"#, ["😀"]), (#"["a\uD83D\uDE00b", "\udbff\udfff"]"#, ["a😀b", "\u{10FFFF}"]),
            (#"["\\ud83d\\ude00"]"#, [#"\ud83d\ude00"#]), (#"["\\\ud83d\ude00"]"#, [#"\😀"#]),
            (#"["\\\\ud83d\\\\\ud83d\ude00"]"#, [#"\\ud83d\\😀"#]), (#"["\"\ud83d\ude00\""]"#, [#""😀""#]),
            (#"["\\", "\ud83d\ude00", "\\"]"#, [#"\"#, "😀", #"\"#]),
            (#"["\u00e4\ud83d\ude00\u00e4😀\/"]"#, ["ä😀ä😀/"]),
        ])
    func pairs(text: String, means: [String]) throws {
        #expect(try DocumentNode(parsingJSON: text, file: "d.json").texts() == means)
    }

    @Test("lines are told as they are")
    func lines() throws {
        let root = try DocumentNode(parsingJSON: "{\n\"\\ud83d\\ude00\": 1,\r\n\"b\": 2\n}", file: "d.json")
        let pairs = try root.pairs()
        #expect(pairs.map { $0.key } == ["😀", "b"])
        #expect(pairs.map { $0.value.error("").line } == [2, 3])
    }

    @Test(
        "half a character is an error, with its line",
        arguments: [
            (#"["\ud83d"]"#, 1), (#"["\ude00\ud83d"]"#, 1), (#"["\ud83d\ud83d\ude00"]"#, 1),
            (#"["\ud83d\\ude00"]"#, 1), ("[\n\"\\ud83dx\"]", 2),
            ("{\r\n\"a\": \"\\ud83d\\ude00\",\r\n\"b\": \"\\ud83d\\n\\ude00\"}", 3),
        ])
    func halves(text: String, line: Int) {
        let error = #expect(throws: DocumentError.self) { try DocumentNode(parsingJSON: text, file: "d.json") }
        let message = error.map { "\($0)" } ?? ""
        #expect(message.hasPrefix("d.json:\(line): it is no JSON: "), "\(message)")
    }

    @Test("a policy of DLM's keeps such characters")
    func imported() throws {
        let text = #"{"Description": "\ud83d\ude00", "PolicyDetails": {"CreateInterval": 1}}"#
        let draft = try DLMImport(text, file: "d.json").draft
        #expect(try draft.written(as: "p.yaml").policy.summary == "😀")
    }
}
