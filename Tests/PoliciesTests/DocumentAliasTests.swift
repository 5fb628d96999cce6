import Documents
import SystemPackage
import Testing

/// Anchors and aliases of YAML are refused before anything is made of them.
struct DocumentAliasTests {
    private func problem(_ text: String) -> String? {
        do {
            _ = try DocumentNode(parsing: text, file: "d.yaml")
            return nil
        } catch { return "\(error)" }
    }

    @Test(
        "where they stand is told",
        arguments: [
            ("a: &x 1\nb: *x\n", 1), ("a: 1\nb: [2, &x 3]\n", 2), ("a:\n  - &x {b: c}\n", 2), ("&x a: b\n", 1),
            ("a: 1\n# & is no anchor here\nb: \"&\"\nc: !!map &x {}\n", 4),
            ("a: 1\r\nb: ü\r\nc: ä &\r\nd: &x 1\r\n", 4),
            ("a: *x\n", 1), ("a: 1\nb: [*, c]\n", 2), ("a: &\n", 1), ("a: 1\u{2028}b: &x 1\n", 2), ("? &x a\n: b\n", 1),
            ("a: |\n  cat & wait\nb: &x 1\n", 3), ("{\"a\":&x 1}", 1),
        ])
    func refused(text: String, line: Int) {
        #expect(
            problem(text)?.hasPrefix("d.yaml:\(line): anchors and aliases of YAML") == true, "\(problem(text) ?? "")")
    }

    @Test("everywhere else & and * are what they are")
    func taken() throws {
        let text = """
            # *not one* & neither this
            plain: R&D * 2 &x
            more: a &
              & b *c
              *d
            url: http://example.org/?a=1&b=2
            double: "& *x \\u0026"
            single: '&x'
            tagged: !a&b@c text
            list: [R&D, "*", '&']
            script: |
              (sleep 1 && echo *) &
              & *x
            folded: >-
              &x
              *x
            &: 1
            """
        #expect(problem(text)?.hasPrefix("d.yaml:17: anchors") == true, "\(problem(text) ?? "")")
        let root = try DocumentNode(parsing: String(text.dropLast(4)), file: "d.yaml")
        let pairs = try root.pairs()
        #expect(try pairs.first { $0.key == "plain" }?.value.text() == "R&D * 2 &x")
        #expect(try pairs.first { $0.key == "more" }?.value.text() == "a & & b *c *d")
        #expect(try pairs.first { $0.key == "script" }?.value.text() == "(sleep 1 && echo *) &\n& *x\n")
        #expect(try pairs.first { $0.key == "list" }?.value.texts() == ["R&D", "*", "&"])
    }

    @Test("nested aliases as a key, which would take for ever, are refused at once", .timeLimit(.minutes(10)))
    func bomb() {
        var text = "a0: &a0 [x, x]\n"
        for level in 1...40 { text += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
        #expect(problem(text + "? *a40\n: 1\n")?.hasPrefix("d.yaml:1: anchors") == true)
        // Two keys that differ, but not in the copy that is looked at first.
        #expect(problem("a&b: 1\na@b: 2\n" + text + "? *a40\n: 1\n") != nil)
    }

    @Test("JSON has to be JSON", arguments: ["", "a: 1", "[1, 2", "{a: 1}", "{\"a\": &x 1}", "{\"a\": 'b'}", "{} {}"])
    func noJSON(text: String) {
        let error = #expect(throws: DocumentError.self) { try DocumentNode(parsingJSON: text, file: "d.json") }
        #expect(error.map { "\($0)" }?.hasPrefix("d.json: it is no JSON: ") == true, "\(error.map { "\($0)" } ?? "")")
    }

    @Test func isJSON() throws {
        let root = try DocumentNode(parsingJSON: "{\n\t\"a\": [\"R&D\", \"*\"]\n}", file: "d.json")
        #expect(try root.pairs().first?.value.texts() == ["R&D", "*"])
    }
}
