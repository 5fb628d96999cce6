import Foundation
import Hooks
import Lifecycle
import SetModel
import SystemPackage
import Testing

@testable import Commands

/// `stillpoint hooks`, and hooks in the words of other commands, with documents in a folder.
struct HookCommandTests {
    /// Its `etc`, which goes with the test.
    private final class Configuration: Sendable {
        let path: FilePath

        init() throws {
            var template = Array("/tmp/stillpoint-hooks-XXXXXX".utf8CString)
            path = FilePath(String(cString: try #require(mkdtemp(&template))))
            try Self.makeDirectory(path.appending("hooks.d"))
        }

        deinit { try? FileManager.default.removeItem(atPath: path.string) }

        static func makeDirectory(_ path: FilePath) throws {
            try FileManager.default.createDirectory(atPath: path.string, withIntermediateDirectories: true)
            #expect(chmod(path.string, 0o755) == 0)
        }

        func write(_ name: String, _ text: String) throws { try Self.write(text, path.appending("hooks.d/" + name)) }

        static func write(_ text: String, _ file: FilePath) throws {
            try text.write(toFile: file.string, atomically: false, encoding: .utf8)
            #expect(chmod(file.string, 0o644) == 0)
        }

        func run(_ line: String, _ answers: RecordingService.Answers = .init()) async -> Run {
            await Run(line, answers, environment: ["STILLPOINT_CONFIG_DIR": path.string])
        }
    }

    private static let good = "pre: [{id: rest, argv: [\"true\"]}]\n"
    private static let aws = """
        schemaVersion: '2.2'
        parameters:
          command: {type: String, default: dry-run}
          a: {type: String, default: '', allowedPattern: 'a++'}
        mainSteps: [{action: 'aws:runShellScript', name: run, inputs: {runCommand: ['echo {{ command }}']}}]
        """

    @Test("validate: all documents or those named, each error with its file and line, and remarks")
    func validate() async throws {
        let configuration = try Configuration()
        try configuration.write("good.yaml", Self.good)
        try configuration.write("aws.yaml", Self.aws)
        let fine = await configuration.run("hooks validate")
        #expect(fine.exitCode == .done && fine.output == "checked aws\nchecked good\n", "\(fine)")
        #expect(fine.messages.contains("aws: values of parameter a are not checked"))
        try configuration.write("bad.yaml", "pre:\n  - id: a\n")
        try configuration.write("worse.yaml", "pre:\n  - id: a\n    argv: [a]\n  - id: a\n    argv: [a]\n")
        let wrong = await configuration.run("hooks validate")
        #expect(wrong.exitCode == .refused)
        for says in ["bad.yaml:2: step a: argv or shell is missing", "worse.yaml:4: step a: two steps have the id a"] {
            #expect(wrong.messages.contains(says), "\(wrong)")
        }
        #expect(await configuration.run("hooks validate good").exitCode == .done)
        #expect(await configuration.run("hooks validate bad").exitCode == .refused)
        #expect(await configuration.run("hooks validate none").exitCode == .refused)
    }

    @Test("a directory of programs is listed and checked, whatever its name ends with")
    func directories() async throws {
        let configuration = try Configuration()
        let directory = configuration.path.appending("hooks.d/fsfreeze-hook.d")
        try Configuration.makeDirectory(directory)
        let program = directory.appending("a.sh")
        try Configuration.write("#!/bin/sh\n", program)
        #expect(chmod(program.string, 0o755) == 0)
        #expect(await configuration.run("hooks list").output.contains("fsfreeze-hook.d"))
        #expect(await configuration.run("hooks validate").output == "checked fsfreeze-hook.d\n")
        #expect(chmod(program.string, 0o777) == 0)
        let refused = await configuration.run("hooks validate")
        #expect(refused.exitCode == .refused && refused.messages.contains("chmod go-w"), "\(refused)")
    }

    @Test("a step that was ended with its run: the run was interrupted, unless another step failed")
    func interrupted() {
        let ended = HookResult(stage: .pre, attempt: 1, name: "rest", status: .interrupted, signal: 15)
        let fine = HookResult(stage: .post, attempt: 1, name: "run", status: .succeeded, exitCode: 0)
        let failed = HookResult(stage: .post, attempt: 1, name: "run", status: .failed, exitCode: 202)
        let error = HookResultReport.error([ended, fine], "db")
        #expect(error?.code == .failed && error?.message == "the run was interrupted")
        #expect(error?.causes == ["hook document db: pre step rest was ended with its run"])
        let other = HookResultReport.error([ended, failed], "db")
        #expect(other?.code == .hook)
        #expect(other?.message == "hook document db: post step run failed with exit code 202")
        #expect(HookResultReport.error([fine], "db")?.code == nil)
    }

    @Test("dry-run looks for programs, users and directories, and runs nothing; an SSM document is run as one")
    func dryRun() async throws {
        let configuration = try Configuration()
        try configuration.write("good.yaml", Self.good)
        let fine = await configuration.run("hooks dry-run good")
        #expect(fine.exitCode == .done && fine.output == "checked good\n" && fine.calls == "[]", "\(fine)")
        for (step, says) in [
            ("argv: [/nowhere/x]", "/nowhere/x is not there"), ("argv: [\"true\"], runAs: no-such", "no user no-such"),
            ("argv: [\"true\"], directory: /nowhere/y", "step a: there is no directory /nowhere/y"),
        ] {
            try configuration.write("bad.yaml", "post: [{id: a, \(step)}]\n")
            let run = await configuration.run("hooks dry-run bad")
            #expect(run.exitCode == .refused && run.messages.contains(says) && run.calls == "[]", "\(run)")
        }
        try configuration.write("aws.yaml", Self.aws)
        let aws = await configuration.run("hooks dry-run aws")
        #expect(aws.exitCode == .done && aws.calls == printed(.rehearse("aws")), "\(aws)")
    }

    /// Text, exit code, and whether there is a remark.
    static let limits: [(String, ExitCode, Bool)] = [
        ("999ms", .usage, false), ("1s", .done, true), ("9s", .done, true), ("10s", .done, false),
        ("120s", .done, false), ("121s", .done, true), ("1h", .done, true), ("61m", .usage, false),
    ]

    @Test("the time limit: 1 second to 1 hour, with a remark outside of what Amazon DLM has", arguments: limits)
    func timeLimit(text: String, code: ExitCode, isRemarked: Bool) async throws {
        let configuration = try Configuration()
        try configuration.write("good.yaml", Self.good)
        let run = await configuration.run("create /a --hooks good --hook-timeout \(text)")
        #expect(run.exitCode == code, "\(run)")
        #expect(run.messages.contains("outside the 10s to 120s of Amazon DLM") == isRemarked, "\(run)")
    }

    @Test("a table tells what a step that failed said, and of others what their exit codes mean")
    func table() async throws {
        var set = SnapshotSet.sample
        set.hooks = [
            HookResult(
                stage: .pre, attempt: 1, name: "ready", status: .failed, exitCode: 206,
                reason: "the application is not ready", output: "asked\n", errors: "no server answers\n"),
            HookResult(stage: .post, attempt: 1, name: "run", status: .succeeded, exitCode: 0, output: "fine\n"),
        ]
        let run = await Run("show nightly", .init(sets: [set]))
        #expect(run.output.contains("the application is not ready: no server answers"), "\(run.output)")
        #expect(!run.output.contains("fine"))
    }

    @Test("a policy cannot leave out the post of its document: it is told so, and post is run")
    func stages() async throws {
        let host = try PolicyHost(at: "2026-11-23T22:30:00Z")
        let folder = host.directory.appending("etc").appending("hooks.d")
        try Configuration.makeDirectory(folder)
        func policy(_ stages: String) throws {
            let scripts = "scripts: {hooks: db, stages: \(stages)}"
            try host.policy("shop", "- {id: hourly, create: {every: 1h}, retain: {count: 1}, \(scripts)}")
        }
        try Configuration.write(Self.good + "post: [{id: run, argv: [\"true\"]}]\n", folder.appending("db.yaml"))
        try policy("[pre]")
        let told = await host.run("policy validate")
        #expect(told.code == .done && told.messages.contains("stages leaves out post, which is run"), "\(told)")
        var scripts = PolicyScripts(document: "db")
        scripts.stages = [.pre]
        #expect(try HookUse.document(scripts, in: HookLibrary([HookFolder(folder)])).0.post.count == 1)
        for stages in ["[post]", "[pre, post]"] {
            try policy(stages)
            let run = await host.run("policy validate")
            #expect(run.code == .done && !run.messages.contains("stages"), "\(run)")
        }
        // One that lets nothing go leaves nothing out.
        try Configuration.write(Self.good, folder.appending("db.yaml"))
        try policy("[pre]")
        #expect(await !host.run("policy validate").messages.contains("stages"))
    }
}
