import FoundationEssentials
import SetModel
import Testing

@testable import Snapshots

/// Which sets a selector means.
@Suite struct TagSelectorTests {
    @Test(
        "patterns stand for characters, not for bytes",
        arguments: [
            ("Köln", "K?ln", true), ("Köln", "K*n", true), ("Köln", "k?ln", false),
            ("Köln", "K[äöü]ln", true), ("Köln", "K[!äöü]ln", false), ("Köln", "K[ä-ü]ln", true), ("日本", "??", true),
            ("日本", "[!a-z]?", true), ("😀", "?", true), ("ö", "[[:alpha:]]", true), ("a*b", "a\\*b", true),
            ("axb", "a\\*b", false), ("Kö?n", "Kö\\?n", true), ("[x", "[x", true), ("a/b", "*", true), ("", "", true),
            ("", "?", false), ("e\u{301}", "e?", true), (".x", "*", true),
        ])
    func globs(text: String, pattern: String, expected: Bool) {
        #expect(Glob.matches(text, pattern) == expected)
    }

    private static let set: SnapshotSet = {
        var set = SnapshotSet(
            id: String(repeating: "a", count: 32), name: "one", state: .complete, consistency: .application,
            createdAt: Date(timeIntervalSince1970: 1_795_411_031),
            expiresAt: Date(timeIntervalSince1970: 1_796_015_831), policy: "shop", schedule: "hourly,daily",
            tags: ["city": "Köln", "mark": "\u{301}x", "a=": "", "plain": "a=b"], memberCount: 0, members: [])
        set.preScript = .success
        return set
    }()

    @Test(
        "sets by their tags",
        arguments: [
            ("city=K?ln", true), ("city", true), ("!city", false), ("!!city", false), ("town", false), ("!town", true),
            ("c?ty", true), ("city=Bonn", false), ("!city=Bonn", true), ("plain=a=b", true), ("mark=\u{301}x", true),
            ("mark=*x", true), ("*", true), ("stillpoint.policy", true), ("stillpoint.policy=sh?p", true),
            ("!stillpoint.policy=shop", false), ("stillpoint.schedule=daily", true),
            ("stillpoint.schedule=hourly", true), ("!stillpoint.schedule=weekly", true),
            ("stillpoint.expires=2026-11-30*", true), ("stillpoint.pre-script=SUCCESS", true),
            ("!stillpoint.post-script", true), ("stillpoint.consistency=application", true),
            ("stillpoint.state=complete", true), ("stillpoint.state=degraded", false), ("stillpoint.*=shop", true),
            // Only who names them means them.
            ("*=shop", false), ("?tillpoint.policy", false),
        ])
    func sets(text: String, expected: Bool) throws {
        #expect(try #require(TagSelector(text)).matches(Self.set) == expected)
    }

    @Test("a text without a key selects nothing", arguments: ["", "!", "=v", "!=v"])
    func none(text: String) { #expect(TagSelector(text) == nil) }
}
