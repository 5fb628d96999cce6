import Testing

@testable import Commands

/// What is wrong with a command line ends with 64, touches nothing and says what is meant.
struct UsageTests {
    static let long = String(repeating: "x", count: 257)

    @Test(
        arguments: [
            ([], nil), (["/srv", "--name", ""], "name"), (["/srv", "--name", ".hidden"], "name"),
            (["/srv", "--name", "-x"], "--name"), (["/srv", "--name", "a b"], "name"),
            (["/srv", "--name", "größe"], "name"),
            (["/srv", "--name", String(repeating: "x", count: 65)], "name"),
            ([""], "empty"), (["/srv", "a\u{0}b"], "control"), (["a\nb"], "control"), (["\u{9B}2J"], "control"),
            (["/srv", "--tag", "novalue"], "KEY=VALUE"), (["/srv", "--tag", "=v"], "KEY=VALUE"),
            (["/srv", "--tag", "k=\u{1B}[2J"], "control"), (["/srv", "--tag", "k\t=v"], "control"),
            (["/srv", "--tag", String(repeating: "k", count: 129) + "=v"], "128"),
            (["/srv", "--tag", "k=" + long], "256"), (["/srv", "--tag", "k=1", "--tag", "k=2"], "'k' is given twice"),
            (["/srv"] + (0...45).flatMap { ["--tag", "k\($0)=v"] }, "45"),
            (["/srv", "--require", "best"], "application|filesystem|crash"),
            (["/srv", "--max-window", "99ms"], "100ms"), (["/srv", "--max-window", "61s"], "60s"),
            (["/srv", "--max-window", "5"], "500ms"), (["/srv", "--expire-after", "0d"], "1s"),
            (["/srv", "--expire-after", "5201w"], "5200w"),
            (["/srv", "--pool-limit", "0"], "100"), (["/srv", "--pool-limit", "101"], "100"),
            (["/srv", "--pool-limit", "nan"], "100"), (["/srv", "--pool-limit", "95%"], "100"),
            (["/srv", "--output", "yaml"], "yaml"), (["/srv", "--quiet", "--verbose"], "exclude"),
            (["/srv", "--frob"], "--frob"),
        ] as [([String], String?)])
    func create(_ words: [String], _ hint: String?) async {
        let run = await Run(["create"] + words)
        #expect(run.exitCode == .usage)
        #expect(run.calls == printed())
        #expect(run.output.isEmpty)
        #expect(run.messages.hasPrefix("stillpoint: error: "))
        #expect(run.messages.hasSuffix("  See 'stillpoint create --help' for more information.\n"))
        if let hint { #expect(run.messages.contains(hint)) }
    }

    @Test(arguments: [
        "frob", "show", "show a b", "show -x", "show /dev/x", "delete", "delete a /", "mount", "mount a --at",
        "unmount",
        "freeze /", "freeze --for 5s", "freeze / --for 0s", "freeze / --for 61m", "list x", "volumes x", "thaw x",
        "recover x", "--output json",
    ])
    func others(_ line: String) async {
        let run = await Run(line)
        #expect(run.exitCode == .usage)
        #expect(run.calls == printed())
    }

    @Test(arguments: ["--output json", "--output=json"])
    func programsReadItAsJSON(_ option: String) async {
        let run = await Run("show \(option) a b")
        #expect(run.exitCode == .usage)
        #expect(
            run.output == """
                {"schemaVersion":1,"error":{"code":"usage","message":"Unexpected argument 'b'","causes":[],\
                "undoFailures":[],"exitCode":64}}

                """)
        #expect(run.messages.hasPrefix("stillpoint: error: Unexpected argument 'b'\n"))
    }

    @Test(arguments: ["create --name --output json", "show a b -- --output json"])
    func whatOnlyLooksLikeTheOptionDoesNotCount(_ line: String) async {
        // The first one asks for it all the same: a name was forgotten.
        #expect(await Run(line).output.isEmpty == line.contains(" -- "))
    }

    @Test func atTheLimits() async {
        let key = String(repeating: "k", count: 128)
        let value = String(repeating: "v", count: 256)
        // Of other letters LVM has room for less.
        let other = String(repeating: "ö", count: 128)
        let tags = (2..<45).flatMap { ["--tag", "k\($0)="] } + ["--tag", "\(key)=\(value)", "--tag", "k=\(other)"]
        let run = await Run(
            ["create", "/srv", "--name", String(repeating: "x", count: 64)] + tags
                + ["--max-window", "100ms", "--expire-after", "5200w", "--pool-limit", "100"])
        #expect(run.exitCode == .done)
    }
}
