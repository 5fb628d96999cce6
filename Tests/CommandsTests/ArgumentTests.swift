import SetModel
import SystemPackage
import Testing

@testable import Commands

struct ArgumentTests {
    @Test(
        arguments: [
            ("500ms", 500), ("5s", 5000), ("2m", 120_000), ("1h", 3_600_000), ("7d", 604_800_000),
            ("2w", 1_209_600_000), ("0s", 0), ("007s", 7000), ("9223372036854775807ms", .max),
            ("", nil), ("5", nil), ("s", nil), ("ms", nil), ("5 s", nil), (" 5s", nil), ("5s ", nil), ("-5s", nil),
            ("+5s", nil), ("1.5s", nil), ("5S", nil), ("5y", nil), ("5sec", nil), ("1h30m", nil), ("٥s", nil),
            ("5ｓ", nil),
            ("9223372036854775808ms", nil), ("9223372036854775807s", nil), ("99999999999999999999w", nil),
            ("1e3s", nil),
            ("0x5s", nil), ("5s\u{0}", nil),
        ] as [(String, Int64?)])
    func durations(_ text: String, _ milliseconds: Int64?) {
        #expect(DurationText.milliseconds(text) == milliseconds)
    }

    @Test(arguments: [
        ("k=v", "k", "v"), ("k=", "k", ""), ("k=a=b", "k", "a=b"), ("größe=ü 😀", "größe", "ü 😀"),
        ("a b= c", "a b", " c"), ("k=\u{301}", "k", "\u{301}"), ("k=\u{301}-", "k", "\u{301}-"),
    ])
    func tags(_ text: String, _ key: String, _ value: String) throws {
        #expect(try TagArgument.parse(text) == TagArgument(key: key, value: value))
    }

    @Test(arguments: [
        ("plain /srv/größe", "plain /srv/größe"), ("a\nb", "a\\u{A}b"), ("\u{1B}[2J", "\\u{1B}[2J"),
        ("\u{9B}2J", "\\u{9B}2J"), ("\u{202E}gnp", "\\u{202E}gnp"), ("\u{2028}", "\\u{2028}"), ("\u{7F}", "\\u{7F}"),
    ])
    func printable(_ text: String, _ expected: String) {
        #expect(Text.printable(text) == expected)
    }

    @Test func directoriesByDefault() throws {
        let settings = try Settings(environment: [:])
        #expect(settings.configDirectory == "/etc/stillpoint")
        #expect(settings.stateDirectory == "/var/lib/stillpoint")
        #expect(settings.runDirectory == "/run/stillpoint")
    }

    @Test func directoriesOfTheEnvironment() throws {
        let settings = try Settings(environment: [
            "STILLPOINT_CONFIG_DIR": "/a", "STILLPOINT_STATE_DIR": "/b//c/.", "STILLPOINT_RUN_DIR": "/d/",
        ])
        #expect(settings.configDirectory == "/a")
        #expect(settings.stateDirectory == "/b/c")
        #expect(settings.runDirectory == "/d")
    }

    @Test(arguments: ["", "relative", "./x", "/a/../b", "/..", "/a\nb"])
    func unsafeDirectories(_ path: String) async {
        for variable in ["STILLPOINT_CONFIG_DIR", "STILLPOINT_STATE_DIR", "STILLPOINT_RUN_DIR"] {
            let run = await Run("list", environment: [variable: path])
            #expect(run.exitCode == .usage)
            #expect(run.calls == printed())
            #expect(run.messages.contains(variable + "="))
        }
    }
}
