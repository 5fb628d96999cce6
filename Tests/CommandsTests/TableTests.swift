import Testing

@testable import Commands

struct TableTests {
    static let table = Table(
        [.init(title: "NAME"), .init(title: "PATH"), .init(title: "SIZE", alignedRight: true)],
        rows: [["a", "/a/long/path/to/somewhere", "1"], ["größe", "/b", "100"]])

    @Test func asWideAsItIs() {
        #expect(
            Self.table.lines(width: nil) == [
                "NAME   PATH                       SIZE", "a      /a/long/path/to/somewhere     1",
                "größe  /b                          100",
            ])
    }

    @Test func fitsATerminal() {
        #expect(
            Self.table.lines(width: 30) == [
                "NAME   PATH               SIZE", "a      /a/long/path/to/…     1", "größe  /b                  100",
            ])
    }

    @Test(arguments: [1, 10, 20])
    func keepsColumnsReadable(_ width: Int) {
        #expect(Self.table.lines(width: width)[1] == "a      /a/long…     1")
    }

    @Test func alignsWideCharacters() {
        let table = Table(
            [.init(title: "A"), .init(title: "B")], rows: [["日本", "x"], ["e\u{301}", "y"], ["😀", "z"]])
        #expect(table.lines(width: nil) == ["A     B", "日本  x", "e\u{301}     y", "😀    z"])
    }

    @Test(arguments: [
        (JSON.number(41.23456), "41.235"), (.number(30), "30"), (.number(0.0001), "0"), (.number(1e20), "1e+20"),
        (.number(.infinity), "null"), (.number(.nan), "null"), (.unsigned(.max), "18446744073709551615"),
        (.string("\"\\\n\t\u{0}\u{1F}\u{7F}\u{85}ü😀"), #""\"\\\n\t\u0000\u001f\u007f\u0085ü😀""#), (.bool(true), "true"),
        (.array([.null, .object([])]), "[null,{}]"),
    ])
    func json(_ value: JSON, _ text: String) {
        #expect(value.text == text)
    }
}
