import Foundation
import LinuxSystem
import SetModel
import SystemPackage
import TestSupport
import Testing

@testable import Hooks

/// Real supervisors and real programs: what becomes of them, however they fail.
@Suite(.enabled(if: Built.stillpoint != nil, "needs the program beside the test bundle"))
struct SessionTests {
    /// A document in a folder, and a file that its steps write to.
    private struct Trial {
        let folder: Folder
        let session: HookSession
        var log: String { (try? String(contentsOfFile: folder.path.appending("log").string, encoding: .utf8)) ?? "" }
        var record: FilePath { folder.path.appending("run.hooks") }

        /// What a step wrote into a file, once the line is whole.
        func pid(_ name: String) -> pid_t? {
            let text = try? String(contentsOfFile: folder.path.appending(name).string, encoding: .utf8)
            return text.flatMap { $0.hasSuffix("\n") ? pid_t($0.dropLast()) : nil }
        }

        init(
            pre: String = "echo pre >>$LOG", hold: String? = nil, post: String = "echo post >>$LOG",
            timeout: Duration? = nil, quiesce: Duration = .seconds(600), secret: String? = nil, lasting: Bool = false,
            engineHas variable: String? = nil
        ) throws {
            let folder = try Folder()
            var program = FilePath(try #require(Built.stillpoint))
            if let variable {
                let script = "#!/bin/sh\nexport \(variable)\nexec '\(program)' \"$@\"\n"
                program = try folder.write("stillpoint", script, mode: 0o755)
            }
            let environment = ["LOG": folder.path.appending("log").string, "DIR": folder.path.string]
            func step(_ id: String, _ text: String, _ timeout: Duration? = nil) -> HookStep {
                HookStep(id: id, command: .shell(text), timeout: timeout, environment: environment)
            }
            self.folder = folder
            let document = HookDocument(
                name: "trial", file: "/none", format: .stillpoint,
                parameters: secret == nil ? [] : [HookParameter(name: "secret", isSecret: true)],
                pre: [step("a", pre, hold == nil ? timeout : nil)], hold: hold.map { step("h", $0, timeout) },
                post: [step("b", post)])
            var plan = HookPlan(
                document, run: folder.path.lastComponent?.string ?? "",
                environment: HookEnvironment(
                    setID: "1", setName: "n", volumes: ["vg/a", "vg/b"], snapshots: ["vg/s", "vg/t"],
                    parameters: secret.map { ["secret": $0] } ?? [:]
                ), stageLimit: .seconds(600), quiesceLimit: quiesce)
            if lasting { plan.lastingRecord = folder.path.appending("lasting.hooks").string }
            session = try HookSession(plan, record: folder.path.appending("run.hooks"), executable: program)
        }
    }

    @Test("pre, hold and post in their order, with their environment")
    func order() async throws {
        let trial = try Trial(
            pre:
                #"echo "pre $STILLPOINT_SET_NAME $STILLPOINT_ATTEMPT $(echo $STILLPOINT_VOLUMES $STILLPOINT_SNAPSHOTS) $(umask) $PWD" >>$LOG"#,
            hold: "echo noise; echo READY; read end; echo hold $end >>$LOG; echo bye",
            post: "echo post $STILLPOINT_CONSISTENCY $STILLPOINT_STAGE >>$LOG; env | sort; ls -l /proc/$$/fd")
        let report = await trial.session.quiesce(attempt: 2)
        #expect(report.isQuiesced && report.isClean && report.steps.map(\.name) == ["a"])
        #expect(trial.log == "pre n 2 vg/a vg/b vg/s vg/t 0077 /\n")
        #expect(access(trial.record.string, F_OK) == 0)
        let end = await trial.session.release(consistency: .application)
        #expect(end.isClean && !end.hasFired && !end.holdWasLost)
        #expect(end.steps.map(\.name) == ["h", "b"] && end.steps.allSatisfy { $0.status == .succeeded })
        #expect(trial.log == "pre n 2 vg/a vg/b vg/s vg/t 0077 /\nhold END\npost application post\n")
        #expect(end.steps[0].output == "noise\nREADY\nbye\n")
        let variables = end.steps[1].output.split(separator: "\n").compactMap { $0.split(separator: "=").first }
        #expect(variables.contains("PATH") && variables.contains("HOME") && !variables.contains("STILLPOINT_RUN_DIR"))
        // 0, 1, 2, the script, and what ls has itself.
        #expect(end.steps[1].output.components(separatedBy: " -> ").count - 1 <= 5, "\(end.steps[1].output)")
    }

    @Test("a step's environment: what it is told, and nothing of whoever asks")
    func environment() async throws {
        // A shell adds some of its own to what it was given.
        let trial = try Trial(
            pre: "tr '\\n\\0' '|\\n' </proc/$$/environ", secret: "sesame",
            engineHas: "LVM_SYSTEM_DIR=/nowhere")
        let report = await trial.session.quiesce(attempt: 3)
        _ = await trial.session.release(consistency: nil)
        var found: [String: String] = [:]
        for line in try #require(report.steps.first).output.split(separator: "\n") {
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            found[String(parts[0])] = parts.count > 1 ? String(parts[1]) : nil
        }
        var wanted = [
            "PATH": HookEnvironment.path, "LANG": "C.UTF-8", "LOG": trial.folder.path.appending("log").string,
            "DIR": trial.folder.path.string, "HOOK_secret": "***", "STILLPOINT_SET_ID": "1",
            "STILLPOINT_SET_NAME": "n", "STILLPOINT_STAGE": "pre", "STILLPOINT_ATTEMPT": "3",
            "STILLPOINT_VOLUMES": "vg/a|vg/b", "STILLPOINT_SNAPSHOTS": "vg/s|vg/t", "STILLPOINT_DEVICES": "",
            "STILLPOINT_MOUNT_POINTS": "", "STILLPOINT_POLICY": "", "STILLPOINT_SCHEDULE": "",
            "STILLPOINT_QUIESCE_MS": "600000", "STILLPOINT_CONSISTENCY": "",
        ]
        wanted.merge(StepUser(named: "root")?.variables ?? [:]) { own, _ in own }
        #expect(found == wanted)
    }

    @Test("of more output than is kept the tail is kept")
    func tails() async throws {
        let trial = try Trial(
            pre:
                "head -c 100000 /dev/zero | tr '\\0' x; echo end; { head -c 100000 /dev/zero | tr '\\0' y; echo last; } >&2"
        )
        let report = await trial.session.quiesce(attempt: 1)
        _ = await trial.session.release(consistency: nil)
        let step = try #require(report.steps.first)
        #expect(step.output == String(repeating: "x", count: 23_996) + "end\n")
        #expect(step.errors == String(repeating: "y", count: 7_995) + "last\n")
    }

    /// What a pre step does, and how it is told of.
    static let failures: [(script: String, status: HookResult.Status, code: Int32?, says: String)] = [
        ("exit 1", .failed, 1, "failed with exit code 1"),
        ("exit 201", .failed, 201, "the pre-script failed"),
        ("exit 204", .failed, 204, "at rest already"),
        ("exit 206", .failed, 206, "not ready"),
        ("nothing-of-that-name", .failed, 127, "not found"),
        ("kill -9 $$", .failed, nil, "signal 9"),
        ("exec sleep 600", .timedOut, nil, "did not end in time"),
        ("trap '' TERM HUP INT; while :; do sleep 600; done", .timedOut, nil, "did not end in time"),
        ("exec >&- 2>&-; exit 3", .failed, 3, "exit code 3"),
        ("rm -rf $DIR/other $0; exit 4", .failed, 4, "exit code 4"),
        ("head -c 100000000 /dev/zero | tr '\\0' x; exit 5", .failed, 5, "exit code 5"),
    ]

    @Test("a failure of every kind is told of, and post runs", arguments: failures.indices)
    func failure(index: Int) async throws {
        let wanted = Self.failures[index]
        let trial = try Trial(
            pre: wanted.script, timeout: wanted.status == .timedOut ? .seconds(1) : nil)
        let report = await trial.session.quiesce(attempt: 1)
        #expect(!report.isQuiesced && !report.isClean)
        #expect(report.steps.map(\.name) == ["a", "b"])
        #expect(report.steps[0].status == wanted.status && report.steps[0].exitCode == wanted.code)
        #expect(report.steps[0].sentence.contains(wanted.says), "\(report.steps[0].sentence)")
        #expect(report.steps[0].output.count <= 24_000)
        #expect(trial.log == "post\n")
        // And once more, as a retry has it.
        #expect(await trial.session.quiesce(attempt: 2).steps.first?.attempt == 2)
        #expect(trial.log == "post\npost\n")
    }

    @Test("nothing that a step started lives longer than post")
    func children() async throws {
        let trial = try Trial(
            pre:
                "(trap '' TERM HUP; setsid sh -c 'echo $$ >$DIR/daemon; exec sleep 600' &) ; until [ -s $DIR/daemon ]; do :; done"
        )
        let report = await trial.session.quiesce(attempt: 1)
        #expect(report.isQuiesced)
        let text = try String(contentsOfFile: trial.folder.path.appending("daemon").string, encoding: .utf8)
        let daemon = try #require(pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)))
        #expect(kill(daemon, 0) == 0)
        let end = await trial.session.release(consistency: nil)
        #expect(end.isClean)
        if ControlGroup(named: "stillpoint-hooks-test").make() {
            ControlGroup(named: "stillpoint-hooks-test").remove()
            #expect(kill(daemon, 0) != 0)
        } else {
            kill(daemon, SIGKILL)
        }
    }

    @Test("a server that post starts stays, and a post step that hangs takes nothing from the next")
    func servers() async throws {
        let trial = try Trial(
            post: "setsid sh -c 'echo $$ >$DIR/server; exec sleep 600' & until [ -s $DIR/server ]; do :; done")
        #expect(await trial.session.quiesce(attempt: 1).isQuiesced)
        #expect(await trial.session.release(consistency: nil).isClean)
        await trial.session.end()
        let text = try String(contentsOfFile: trial.folder.path.appending("server").string, encoding: .utf8)
        let server = try #require(pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)))
        #expect(kill(server, SIGKILL) == 0)
    }

    @Test("hold: not ready, dead before its time, deaf")
    func holds() async throws {
        let silent = try Trial(hold: "exec sleep 600", timeout: .seconds(1))
        let report = await silent.session.quiesce(attempt: 1)
        #expect(!report.isQuiesced && report.steps.map(\.name) == ["a", "h", "b"])
        #expect(report.steps[1].status == .timedOut && report.steps[1].reason == "it did not say READY")

        let closed = try Trial(hold: "exec >&-; read end")
        let silence = await closed.session.quiesce(attempt: 1)
        #expect(!silence.isQuiesced && silence.steps.map(\.name) == ["a", "h", "b"])
        #expect(silence.steps[1].reason == "it closed its standard output before it said READY")

        let short = try Trial(hold: "echo READY; exit 0")
        #expect(await short.session.quiesce(attempt: 1).isQuiesced)
        let end = await short.session.release(consistency: nil)
        #expect(!end.isClean && end.steps.map(\.name) == ["h", "b"])
        #expect(short.log == "pre\npost\n")

        let deaf = try Trial(hold: "trap '' TERM; echo READY; while :; do sleep 600; done")
        #expect(await deaf.session.quiesce(attempt: 1).isQuiesced)
        let last = await deaf.session.release(consistency: nil)
        #expect(!last.isClean && last.steps.map(\.status) == [.timedOut, .succeeded])
    }

    @Test("applications are let go when their time is over, and it is told")
    func fires() async throws {
        let trial = try Trial(quiesce: .seconds(10))
        #expect(await trial.session.quiesce(attempt: 1).isQuiesced)
        while !trial.log.contains("post") { try await Task.sleep(for: .milliseconds(5)) }
        let report = await trial.session.release(consistency: .application)
        #expect(report.hasFired && report.steps.map(\.name) == ["b"])
        #expect(trial.log == "pre\npost\n")
    }

    @Test("whoever asked dies: post runs")
    func callerDies() async throws {
        var trial: Trial? = try Trial()
        let folder = try #require(trial?.folder)
        #expect(await trial?.session.quiesce(attempt: 1).isQuiesced == true)
        trial = nil
        let log = folder.path.appending("log").string
        while try !String(contentsOfFile: log, encoding: .utf8).contains("post") {
            try await Task.sleep(for: .milliseconds(5))
        }
        while access(folder.path.appending("run.hooks").string, F_OK) == 0 {
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    @Test("a run that is cancelled ends its step, and post runs")
    func cancelled() async throws {
        let trial = try Trial(pre: "echo pre >>$LOG; exec sleep 600")
        let session = trial.session
        let run = Task { await session.quiesce(attempt: 1) }
        while !trial.log.contains("pre") { try await Task.sleep(for: .milliseconds(5)) }
        run.cancel()
        let report = await run.value
        #expect(!report.isQuiesced && report.steps.map(\.status) == [.interrupted, .succeeded])
        #expect(trial.log == "pre\npost\n")
        await session.end()
    }

    @Test("a run that is cancelled before it asks for anything: nothing is begun")
    func cancelledBefore() async throws {
        let trial = try Trial()
        let session = trial.session
        let run = Task {
            while !Task.isCancelled { await Task.yield() }
            return await session.quiesce(attempt: 1)
        }
        run.cancel()
        let report = await run.value
        #expect(!report.hasBegun && !report.isClean, "\(report)")
        await session.end()
        #expect(trial.log == "")
        #expect(access(trial.record.string, F_OK) != 0)
    }

    @Test("a run that is cancelled when pre has just ended: what post did is told")
    func cancelledAtRest() async throws {
        let trial = try Trial(
            pre: "echo $PPID >$DIR/supervisor; echo $$ >$DIR/step; kill -STOP $PPID; echo pre >>$LOG;"
                + " until [ -e $DIR/go ]; do :; done")
        let session = trial.session
        let run = Task { await session.quiesce(attempt: 1) }
        while !trial.log.contains("pre") { try await Task.sleep(for: .milliseconds(5)) }
        run.cancel()
        // The step ends, and its supervisor sees both at once.
        try trial.folder.write("go", "")
        let step = try #require(trial.pid("step"))
        func isOver() -> Bool {
            let status = FileManager.default.contents(atPath: "/proc/\(step)/stat") ?? Data()
            return status.isEmpty || String(decoding: status, as: UTF8.self).contains(") Z ")
        }
        while !isOver() { try await Task.sleep(for: .milliseconds(5)) }
        kill(try #require(trial.pid("supervisor")), SIGCONT)
        #expect(await run.value.isQuiesced)
        let report = await session.release(consistency: nil)
        #expect(report.steps.map(\.status) == [.succeeded] && !report.isClean && !report.hasFired, "\(report)")
        #expect(trial.log == "pre\npost\n")
        await session.end()
    }

    @Test("a run is cancelled, and its supervisor killed: post runs")
    func cancelledAndDead() async throws {
        let trial = try Trial(
            pre: "trap 'kill -KILL $PPID; exit 0' TERM; echo pre >>$LOG; while :; do sleep 1; done")
        let session = trial.session
        let run = Task { await session.quiesce(attempt: 1) }
        while !trial.log.contains("pre") { try await Task.sleep(for: .milliseconds(5)) }
        run.cancel()
        let report = await run.value
        #expect(!report.isQuiesced && report.hasBegun && report.steps.map(\.name) == ["b"], "\(report)")
        #expect(trial.log == "pre\npost\n")
        await session.end()
    }

    @Test("whoever takes over dies before it says a word: post runs")
    func takerDies() async throws {
        let trial = try Trial()
        #expect(await trial.session.quiesce(attempt: 1).isQuiesced)
        let copy = trial.folder.path.appending("copy.hooks")
        try FileManager.default.copyItem(atPath: trial.record.string, toPath: copy.string)
        _ = await trial.session.release(consistency: nil)
        await trial.session.end()
        let program = FilePath(try #require(Built.stillpoint))
        _ = try HookSession(
            try HookRecord.abandoned(at: copy), record: trial.record, executable: program, takesOver: true)
        while access(trial.record.string, F_OK) == 0 { try await Task.sleep(for: .milliseconds(5)) }
        #expect(trial.log == "pre\npost\npost\n")
    }

    @Test("the supervisor is killed: another one ends what it left, and runs post")
    func supervisorDies() async throws {
        let trial = try Trial(
            pre: "echo $PPID >$DIR/supervisor; echo pre >>$LOG", hold: "echo $$ >$DIR/hold; echo READY; exec sleep 600")
        #expect(await trial.session.quiesce(attempt: 1).isQuiesced)
        func pid(_ name: String) throws -> pid_t {
            let text = try String(contentsOfFile: trial.folder.path.appending(name).string, encoding: .utf8)
            return try #require(pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)))
        }
        kill(try pid("supervisor"), SIGKILL)
        // Before anybody asks.
        while !trial.log.contains("post") { try await Task.sleep(for: .milliseconds(5)) }
        let report = await trial.session.release(consistency: .application)
        #expect(!report.isClean && report.hasFired && report.steps.map(\.name) == ["b"])
        #expect(trial.log == "pre\npost\n")
        let held = try pid("hold")
        while kill(held, 0) == 0 { try await Task.sleep(for: .milliseconds(5)) }
    }

    @Test("the supervisor is killed while post runs: that one is ended before it runs again")
    func supervisorDiesInPost() async throws {
        let trial = try Trial(
            pre: "echo $PPID >$DIR/supervisor; echo pre >>$LOG",
            post: "echo post >>$LOG; [ ! -e $DIR/post ] || exit 0; echo $$ >$DIR/post; exec sleep 600")
        #expect(await trial.session.quiesce(attempt: 1).isQuiesced)
        let session = trial.session
        let release = Task { await session.release(consistency: nil) }
        while trial.pid("post") == nil { try await Task.sleep(for: .milliseconds(5)) }
        kill(try #require(trial.pid("supervisor")), SIGKILL)
        let report = await release.value
        #expect(report.hasFired && report.steps.map(\.status) == [.succeeded])
        #expect(trial.log == "pre\npost\npost\n")
        let first = try #require(trial.pid("post"))
        if ControlGroup(named: "stillpoint-hooks-test").make() {
            ControlGroup(named: "stillpoint-hooks-test").remove()
            while kill(first, 0) == 0 { try await Task.sleep(for: .milliseconds(5)) }
        } else {
            kill(first, SIGKILL)
        }
    }

    @Test("a record that outlives a power cut leads to post")
    func powerCut() async throws {
        let trial = try Trial(lasting: true)
        let lasting = trial.folder.path.appending("lasting.hooks")
        #expect(await trial.session.quiesce(attempt: 1).isQuiesced)
        // While its supervisor lives, it is nobody else's.
        #expect(HookRecord.isHeld(lasting) && HookRecord.isHeld(trial.record))
        let copy = trial.folder.path.appending("copy.hooks")
        try FileManager.default.copyItem(atPath: lasting.string, toPath: copy.string)
        _ = await trial.session.release(consistency: nil)
        await trial.session.end()
        #expect(access(lasting.string, F_OK) != 0 && access(trial.record.string, F_OK) != 0)
        // What a machine finds that lost its power in between.
        #expect(!HookRecord.isHeld(copy) && !HookRecord.isHeld(lasting))
        var plan = try HookRecord.abandoned(at: copy)
        plan.lastingRecord = copy.string
        let session = try HookSession(
            plan, record: trial.record, executable: FilePath(try #require(Built.stillpoint)), takesOver: true)
        let report = await session.takeOver()
        await session.end()
        #expect(report.steps.map(\.name) == ["b"] && trial.log == "pre\npost\npost\n")
        #expect(access(copy.string, F_OK) != 0)
    }

    @Test("secrets are masked, also in what a step prints")
    func secrets() async throws {
        let trial = try Trial(pre: "echo \"the word is $HOOK_secret\"; echo $HOOK_secret >&2", secret: "Open Sesame")
        let report = await trial.session.quiesce(attempt: 1)
        #expect(report.steps[0].output == "the word is ***\n" && report.steps[0].errors == "***\n")
        _ = await trial.session.release(consistency: nil)
    }

    @Test("a step runs as another user", .enabled(if: geteuid() == 0, "needs root"))
    func user() async throws {
        let folder = try Folder()
        let step = HookStep(id: "a", command: .shell("id -un; id -Gn; echo $HOME $USER"), runAs: "nobody")
        let document = HookDocument(name: "u", file: "/none", format: .stillpoint, pre: [step])
        let session = try HookSession(
            HookPlan(
                document, run: "u", environment: HookEnvironment(setID: "1", setName: "n"), stageLimit: .seconds(20),
                quiesceLimit: .seconds(60)), record: folder.path.appending("run.hooks"),
            executable: FilePath(try #require(Built.stillpoint)))
        let report = await session.quiesce(attempt: 1)
        #expect(report.steps[0].output == "nobody\nnogroup\n/nonexistent nobody\n", "\(report.steps)")
        _ = await session.release(consistency: nil)
    }
}
