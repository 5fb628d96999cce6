import Testing

@testable import SetModel

/// What a tag of a set may be.
struct SetTagTests {
    private static func long(_ count: Int, _ letter: Character = "x") -> String {
        String(repeating: letter, count: count)
    }

    @Test(
        "up to DLM's limits, and LVM's",
        arguments: [
            ("k", ""), (long(128), long(256)), ("k", "a=b @ü"), (long(128, "ü"), ""), ("k", long(160, "ü")),
            // 15 bytes in front, and = between.
            ("k", String(repeating: "ü", count: 167) + "aaaaa"),
        ])
    func possible(key: String, value: String) {
        #expect(SetTag.problem(key, value) == nil)
        #expect(SetTag.length(key, value) <= 1024)
    }

    @Test(
        "not beyond them",
        arguments: [
            ("", "v", "empty"), ("a=b", "v", "= in it"), ("a=\u{301}", "v", "= in it"),
            (long(129), "", "key is longer than 128"),
            ("k", long(257), "value is longer than 256"), ("k", "a\nb", "control"), ("k", "\u{9B}", "control"),
            ("k", String(repeating: "ü", count: 167) + "aaaaaa", "1025 bytes long as LVM writes it, 1024 at most"),
            (long(128, "ü"), long(256, "ü"), "bytes long"),
        ])
    func impossible(key: String, value: String, says: String) {
        #expect(SetTag.problem(key, value)?.contains(says) == true, "\(SetTag.problem(key, value) ?? "")")
    }
}
