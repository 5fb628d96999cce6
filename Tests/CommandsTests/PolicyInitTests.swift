import Foundation
import Simulation
import SystemPackage
import Testing

@testable import Commands

/// What `policy init` asks for, and what it makes of flags and answers.
struct PolicyInitTests {
    private static let line = "policy init --id shop --target /a --schedule 1h --time-zone UTC --keep 3"
    /// The documents that come with the program.
    private static let documents = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "hooks")

    private let host: PolicyHost

    init() throws {
        host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        let unit = try String(contentsOf: Self.documents.appending(path: "unit.yaml"), encoding: .utf8)
        let file = """
            parameters:
              database: {description: "the file"}
              user: {default: root}
              waitMs: {default: "5000", allowedPattern: "[0-9]{1,6}"}
            pre: [{id: lock, argv: [/bin/true]}]
            """
        for (name, text) in [("filedb", file), ("unit", unit)] {
            try host.hooks(name, text) { _ in throw CancellationError() }
        }
    }

    // MARK: Hooks

    @Test(
        "a parameter of the hook document",
        arguments: [("filedb", "database", "/srv/x.db"), ("unit", "unit", "a.service")])
    func parameter(document: String, name: String, value: String) async throws {
        let run = await host.run(Self.line + " --hooks \(document) --hook-param \(name)=\(value)")
        #expect(run.code == .done && !run.messages.contains("The parameter"), "\(run)")
        let text = try host.text(of: "shop")
        #expect(text.contains("hooks: \(document)") && text.contains("\(name): \(value)"), "\(text)")
        #expect(await host.run("policy validate").code == .done)
    }

    @Test("one without a default is asked for; a wrong answer is asked for again")
    func askedFor() async throws {
        let run = await host.run(Self.line, answers: ["filedb", "", "/srv/x.db", "y"])
        #expect(run.code == .done, "\(run)")
        #expect(run.messages.contains("The parameter database of filedb, the file: "), "\(run)")
        #expect(run.messages.contains("  It has no default.\n"), "\(run)")
        #expect(try host.text(of: "shop").contains("database: /srv/x.db"))
        // Those with a default are not, and given ones stay.
        #expect(!run.messages.contains("waitMs"), "\(run)")
        let line = Self.line.replacing("shop", with: "other") + " --hooks unit --hook-param action=reload"
        let other = await host.run(line, answers: ["a b", "a.service", "y"])
        #expect(other.code == .done && other.messages.contains("does not match"), "\(other)")
        let text = try host.text(of: "other")
        #expect(text.contains("unit: a.service") && text.contains("action: reload"), "\(text)")
        #expect(await host.run("policy validate").code == .done)
    }

    @Test("without it, and where nobody is, nothing is written")
    func missing() async throws {
        let run = await host.run(Self.line + " --hooks filedb")
        let says = "filedb: parameter database: it has no default: give it with --hook-param"
        #expect(run.code == .usage && run.messages.contains(says), "\(run)")
        let ended = await host.run(Self.line, answers: ["filedb"])
        #expect(ended.code == .usage && ended.messages.contains("give --hook-param database=VALUE"), "\(ended)")
        #expect(await host.run("policy list --quiet").output.isEmpty)
    }

    @Test(
        "what a flag says wrong is told before anything is asked",
        arguments: [
            ("--hooks filedb --hook-param none=1", "there is no such parameter; there are database, user, waitMs"),
            ("--hooks filedb --hook-param waitMs=x", "parameter waitMs: the value \"x\" does not match"),
            ("--hooks unit --hook-param unit=a;b", "parameter unit: the value \"a;b\" does not match"),
            ("--hooks unit --hook-param unit=a --hook-param unit=b", "unit is given twice"),
            ("--hooks unit --hook-param unit", "is no KEY=VALUE"),
            ("--hooks filedb --hook-param database=@/nowhere/x", "--hook-param database: /nowhere/x cannot be read"),
            ("--hooks - --hook-param a=1", "name one with --hooks"), ("--hook-param a=1", "name one with --hooks"),
        ])
    func wrong(flags: String, says: String) async throws {
        let run = await host.run("policy init " + flags, answers: ["shop", "/a", "1h", "UTC", "3", "y"])
        #expect(run.code == .usage && run.messages.contains(says), "\(run)")
        #expect(!run.messages.contains("An id for the policy"), "\(run)")
        #expect(await host.run("policy list --quiet").output.isEmpty)
    }

    @Test("of a value in a file the policy has the file's name, whatever directory it was given in")
    func file() async throws {
        let file = host.directory.string + "/database"
        try "/srv/secret.db\n".write(toFile: file, atomically: false, encoding: .utf8)
        let run = await host.run(Self.line + " --hooks filedb --hook-param database=@\(file.dropFirst())")
        #expect(run.code == .done, "\(run)")
        let text = try host.text(of: "shop")
        #expect(text.contains("@" + file) && !text.contains("secret"), "\(text)")
        #expect(await host.run("policy validate").code == .done)
    }

    @Test("what a policy does not say is wanted in its file, and not by a flag that no policy has")
    func validated() async throws {
        let schedule = "- {id: hourly, create: {every: 1h}, retain: {count: 3}, scripts: {hooks: filedb"
        for (rest, says) in [
            (
                "}}",
                "parameter database: it has no default: write it into the policy's file, as scripts.parameters.database"
            ),
            (", parameters: {database: \"@/nowhere/x\"}}}", "scripts.parameters.database: /nowhere/x cannot be read"),
        ] {
            try host.policy("shop", schedule + rest)
            let run = await host.run("policy validate")
            #expect(run.code == .refused && run.messages.contains(says), "\(run)")
            #expect(!run.messages.contains("--hook-param"), "\(run)")
        }
        let create = await host.run("create /a --hooks filedb")
        #expect(create.code == .usage && create.messages.contains("no default: give it with --hook-param"), "\(create)")
    }

    // MARK: Targets

    @Test("a target of the command line is one, whatever is in it")
    func targetWithBlank() async throws {
        let words =
            ["policy", "init", "--id", "shop", "--target", "/srv/my data", "--target", "/b", "--schedule", "1d"]
            + ["--time-zone", "UTC", "--keep", "3", "--hooks", "-", "--dry-run"]
        let run = await Run(words, environment: ["STILLPOINT_CONFIG_DIR": "/nowhere/stillpoint"])
        #expect(run.exitCode == .done && run.output.contains("targets: [/srv/my data, /b]"), "\(run)")
    }

    @Test("an answer has targets with blanks between, and quotes around those that have one; none is asked for again")
    func targetAnswers() async throws {
        host.host.addVolume("vg0/c", pool: "vg0/pool")
        host.host.mount("ext4", on: ["vg0/c"], at: "/my data")
        let run = await host.run(
            "policy init --id shop --schedule 1h --time-zone UTC --keep 3 --hooks -",
            answers: ["", "\"/my data", "\"/my data\" /a", "y"])
        #expect(run.code == .done, "\(run)")
        #expect(run.messages.contains("Name at least one.") && run.messages.contains("A quote has no end."), "\(run)")
        #expect(try host.text(of: "shop").contains("targets: [/my data, /a]"))
    }

    @Test(
        "words of an answer",
        arguments: [
            ("/a /b", ["/a", "/b"]), ("  /a  ", ["/a"]), ("\"/srv/my data\"  '/x \"y'", ["/srv/my data", "/x \"y"]),
            ("/srv/bob's /a\"b", ["/srv/bob's", "/a\"b"]), ("@a=b vg0", ["@a=b", "vg0"]),
        ])
    func words(text: String, means: [String]) throws {
        #expect(try PolicyAnswers.targets(text) == means)
    }

    @Test(arguments: ["", "  ", "''", "/a \"/b", "/a\u{7}"])
    func noWords(text: String) {
        #expect(throws: (any Error).self) { try PolicyAnswers.targets(text) }
    }

    // MARK: What is kept

    @Test("a rule that keeps nothing is asked for again, and nothing that was answered is lost")
    func ruleAnswers() async throws {
        let run = await host.run(
            "policy init --id shop --target /a --schedule 1h --time-zone UTC --hooks -",
            answers: ["0", "24,12", "daily=0", "5,30d", "y"])
        #expect(run.code == .done, "\(run)")
        for part in ["count: 0 does not lie between", "24,12 says count twice", "daily: 0 does not lie between"] {
            #expect(run.messages.contains(part), "\(part): \(run)")
        }
        let text = try host.text(of: "shop")
        #expect(text.contains("count: 5") && text.contains("age: 30d"), "\(text)")
    }

    @Test(
        arguments: [
            "0", "-1", "100001", "24,12", "30d,1y", "daily=0", "daily=-1", "daily=7,daily=8", "0d", "", ",",
        ])
    func noRule(text: String) {
        #expect(throws: (any Error).self) { try PolicyAnswers.keep(text) }
    }

    @Test("on the command line it is wrong at once")
    func ruleFlag() async throws {
        let run = await host.run(
            "policy init --id shop --target /a --schedule 1h --keep 0 --hooks -", answers: ["UTC", "y"])
        #expect(run.code == .usage && !run.messages.contains("time zone"), "\(run)")
    }
}
