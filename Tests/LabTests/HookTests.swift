import Foundation
import Glibc
import TestSupport
import Testing

extension LabTests {
    /// Sets whose applications were brought to rest, with real servers.
    @Suite struct Hooks {
        @Test(
            "PostgreSQL under pgbench, its log on another volume: every set starts, and has all that was committed",
            .enabled(if: Soak.includes(kernel: "6.12"), Soak.elsewhere))
        func postgreSQL() async throws {
            try await ThinLab.run { lab in
                let data = try lab.fileSystem("data", "ext4", at: "data", megabytes: 600)
                let log = try lab.fileSystem("log", "xfs", at: "log", megabytes: 400)
                let server = try Postgres(lab, data: data, log: log)
                lab.atEnd("stop PostgreSQL") { try? server.stop() }
                try lab.installHook("postgresql")
                try lab.hook("aws", try contents("Tests/Documents/aws-postgresql.yaml"))
                let aws = ["--hooks", "aws", "--hook-param", "mountPoints=\(data) \(log)"] + server.parameters
                let load = try server.load()
                lab.atEnd("end pgbench") { load.kill() }
                let root = lab.directory + "/copy"
                try shell("mkdir \(root)")
                for round in 1...Soak.rounds(1, of: 50) {
                    for (kind, hooks) in [
                        ("hooks", ["--hooks", "postgresql"] + server.parameters), ("none", []), ("aws", aws),
                    ] where kind != "aws" || round <= 5 {
                        // Something has to be there that only this set can have.
                        let before = try server.committed()
                        var committed = before
                        while committed <= before { committed = try server.committed() }
                        let name = "pg-\(kind)\(round)"
                        let words = ["create", "--output", "json", "--name", name] + hooks + [data, log]
                        let set = try lab.succeed(words).decoded(CreateJSON.self).set
                        #expect(set.consistency == (hooks.isEmpty ? "filesystem" : "application"), "\(set)")
                        try lab.succeed(["mount", name, "--writable", "--at", root])
                        try server.withCopy(log: log, below: root) { copy in
                            #expect(try copy.committed() >= committed)
                            #expect(try copy.balancesAgree())
                            try copy.check(whole: Soak.isOn && round % 10 == 1)
                        }
                        try lab.succeed("delete", name)
                    }
                }
                // The label is all that the set itself does not have.
                let words = ["create", "--output", "json", "--name", "pg-backup", "--hooks", "postgresql"]
                let backup = ["--hook-param", "backupMode=yes", data, log] + server.parameters
                let output = try lab.succeed(words + backup)
                #expect(try output.decoded(CreateJSON.self).set.consistency == "application", "\(output)")
                #expect(output.standard.contains("START WAL LOCATION"), "\(output)")
                try lab.succeed("delete", "pg-backup")
                try lab.expectNotReady("postgresql", ["host=\(server.sockets)", "port=5999"])
            }
        }

        @Test(
            "MariaDB: sums over InnoDB and MyISAM agree with the hook in every set, and without it not in each",
            .enabled(if: Soak.includes(kernel: "6.1"), Soak.elsewhere))
        func mariaDB() async throws {
            try await ThinLab.run { lab in
                let data = try lab.fileSystem("data", "ext4", at: "data", megabytes: 600)
                let tables = try lab.fileSystem("tables", "xfs", at: "tables", megabytes: 300)
                let server = try MariaDB(lab, data: data, tables: tables)
                lab.atEnd("stop MariaDB") { server.stop() }
                try lab.installHook("mariadb")
                try lab.hook("aws", try contents("Tests/Documents/aws-mysql.json"), ending: "json")
                let load = try server.load()
                lab.atEnd("end the client") { load.kill() }
                let root = lab.directory + "/copy"
                try shell("mkdir \(root)")
                let whole = 2000 * MariaDB.rows
                let hooks = [
                    "--hooks", "mariadb", "--hook-param", "options=\(server.options)", "--hook-timeout", "2m",
                    "--max-quiesce", "5m",
                ]
                /// The sum in a new set.
                func sum(_ name: String, _ words: [String]) throws -> Int? {
                    let before = try server.moves()
                    while try server.moves() == before {}
                    let created = ["create", "--output", "json", "--name", name] + words + [data, tables]
                    let set = try lab.succeed(created).decoded(CreateJSON.self).set
                    #expect(set.consistency == (words.isEmpty ? "filesystem" : "application"), "\(set)")
                    try lab.succeed(["mount", name, "--writable", "--at", root])
                    let sum = try server.sumInCopy(tables: tables, below: root)
                    try lab.succeed("delete", name)
                    return sum
                }
                for round in 1...Soak.rounds(1, of: 50) {
                    #expect(try sum("with\(round)", hooks) == whole)
                }
                // The lock that MySQL has, too.
                #expect(try sum("read-lock", hooks + ["--hook-param", "lock=read-lock"]) == whole)
                try shell("printf '[client]\\nsocket=/nowhere\\n' >\(lab.directory)/nobody")
                try lab.expectNotReady("mariadb", ["options=\(lab.directory)/nobody"])
                let aws = ["mountPoints=\(data) \(tables)", "options=\(server.options)"]
                for round in 1...Soak.rounds(1, of: 5) {
                    let words = ["--hooks", "aws", "--hook-timeout", "2m", "--max-quiesce", "5m"]
                    #expect(try sum("aws\(round)", words + aws.flatMap { ["--hook-param", $0] }) == whole)
                }
                // The check can fail.
                var disagree = false
                for round in 1...10 where !disagree { disagree = try sum("without\(round)", []) != whole }
                #expect(disagree, "the check cannot tell a set without hooks from one with them")
            }
        }

        @Test(
            "what fails, and what becomes of the set: the table in DESIGN.md",
            .enabled(if: Soak.includes(kernel: "6.1"), Soak.elsewhere))
        func outcomes() async throws {
            try await ThinLab.run { lab in
                let point = try lab.fileSystem("v", "ext4", at: "v")
                for (number, trial) in HookTrial.all.enumerated() where Soak.isOn || Self.sample.contains("\(trial)") {
                    try shell("rm -f \(lab.directory)/log")
                    let marker = 1_000_000 + number
                    try lab.hook("doc", trial.failure.document(directory: lab.directory, marker: marker))
                    let words = ["create", "--name", "one", point, "--hooks", "doc"] + trial.words
                    let output = try lab.stillpoint(words)
                    #expect(output.status == trial.code, "\(trial): \(output)")
                    let sets = try lab.succeed("list", "--output", "json").decoded(ListJSON.self).sets
                    #expect(sets.first?.consistency == trial.consistency, "\(trial): \(output)")
                    #expect(
                        try shell("grep -c run \(lab.directory)/log || :") == "\(trial.posts)", "\(trial): \(output)")
                    #expect(try shell("ls \(lab.runDirectory)/runs 2>/dev/null || :") == "", "\(trial)")
                    // A server that `post` starts is meant to stay.
                    let sleepers = try shell("pgrep -fx 'sleep \(marker)' || :").split(separator: "\n").map(String.init)
                    let stays = trial.failure.leavesProcess && trial.failure.place == .post
                    #expect(sleepers.count == (stays ? 1 : 0), "\(trial)")
                    for pid in sleepers { try shell("kill -KILL \(pid)") }
                    if !sets.isEmpty { try lab.succeed("delete", "one") }
                }
                try Deaths.expectWritable([point])
            }
        }

        /// Of the table, what is tried in each run of the tests: every place, every setting, and both numbers of retries.
        private static let sample: Set<String> = [
            "daemon in pre, 0 retries, required", "exit201 in pre, 2 retries, crash-consistent",
            "hang in pre, 0 retries, skip", "kill in hold, 0 retries, crash-consistent",
            "deaf in end, 0 retries, crash-consistent", "exit206 in post, 0 retries, required",
            "child in post, 0 retries, crash-consistent",
        ]

        @Test(
            "whoever of us is killed while applications are at rest: post runs, and recover leaves no trace",
            .enabled(if: Soak.includes(kernel: "6.12"), Soak.elsewhere))
        func deaths() async throws {
            try await ThinLab.run { lab in
                let point = try lab.fileSystem("v", "ext4", at: "v")
                let log = lab.directory + "/log"
                try lab.hook(
                    "doc",
                    """
                    pre: [{id: rest, shell: "echo $PPID >\(lab.directory)/supervisor"}]
                    post: [{id: run, shell: "touch \(point)/post && echo post >>\(log)"}]
                    """)
                let before = try Deaths.state(lab)
                func supervisor() throws -> pid_t {
                    try #require(pid_t(try contents(lab.directory + "/supervisor").split(separator: "\n").first ?? ""))
                }
                for victims in [["engine"], ["supervisor"], ["engine", "supervisor"]] {
                    try shell("rm -f \(log)")
                    let child = try lab.stop(
                        at: "engine.quiesced", ["create", "--name", "one", point, "--hooks", "doc"])
                    let pid = try supervisor()
                    // Stopped first, so that neither can act on the other's death.
                    if victims.count == 2 { kill(pid, SIGSTOP) }
                    if victims.contains("engine") { kill(child.pid, SIGKILL) }
                    if victims.contains("supervisor") { kill(pid, SIGKILL) }
                    child.resume()
                    let output = child.wait()
                    if victims == ["engine"] { try shell("until [ -s \(log) ]; do :; done") }
                    if victims.count == 2 {
                        let check = try lab.stillpoint("check")
                        #expect(check.status == 2 && check.standard.contains("post of hook document doc"), "\(check)")
                    }
                    let recovered = try lab.stillpoint("recover")
                    #expect(recovered.status == 0, "\(victims): \(recovered)")
                    #expect(try contents(log) == "post\n", "\(victims): \(output) \(recovered)")
                    let sets = try lab.succeed("list", "--output", "json").decoded(ListJSON.self).sets
                    for set in sets {
                        #expect(set.consistency == "filesystem", "\(victims): \(set)")
                        try lab.succeed("delete", set.name)
                    }
                    #expect(try Deaths.state(lab) == before, "\(victims)")
                    try Deaths.expectWritable([point])
                }
                // Within the window: the watcher thaws, or the engine when both halves of the guard are dead. Applications
                // are let go after that, and find a file system that can be written.
                for dies in [[OwnProcess.cutter], [.watcher, .cutter]] {
                    try shell("rm -f \(log)")
                    let engine = try lab.start(
                        at: "guard.suspended", ["create", "--name", "one", point, "--hooks", "doc"])
                    let cutter = try Deaths.wait(for: .cutter, of: lab, stopped: true)
                    let pids = try dies.map {
                        try $0 == .cutter ? cutter : Deaths.wait(for: $0, of: lab, stopped: false)
                    }
                    for pid in pids { kill(pid, SIGKILL) }
                    let output = engine.wait()
                    #expect(output.status == 1, "\(dies): \(output)")
                    #expect(try contents(log) == "post\n", "\(dies): \(output)")
                    #expect(try Deaths.state(lab) == before, "\(dies)")
                    try Deaths.expectWritable([point])
                }
            }
        }

        @Test("an SSM document that freezes the file systems itself")
        func freezingDocument() async throws {
            try await ThinLab.run { lab in
                let points = [try lab.fileSystem("a", "ext4", at: "a"), try lab.fileSystem("b", "xfs", at: "b")]
                let thaw = "for p in \(points.joined(separator: " ")); do fsfreeze -u $p; done"
                func document(_ name: String, pre: String, post: String? = nil) throws {
                    try lab.hook(
                        name,
                        """
                        schemaVersion: '2.2'
                        parameters:
                          command: {type: String, allowedValues: [pre-script, post-script, dry-run]}
                        mainSteps:
                          - action: aws:runShellScript
                            name: run
                            precondition: {StringEquals: [platformType, Linux]}
                            inputs:
                              runCommand:
                                - |
                                  #!/bin/bash
                                  case {{ command }} in
                                    pre-script) \(pre) ;;
                                    post-script) \(post ?? thaw) ;;
                                    dry-run) true ;;
                                  esac
                        """)
                }
                let freeze = points.map { "fsfreeze -f \($0)" }.joined(separator: " && ")
                try document("aws", pre: freeze)
                let set = try lab.succeed(["create", "--output", "json", "--name", "one", "--hooks", "aws"] + points)
                    .decoded(CreateJSON.self).set
                #expect(set.consistency == "application", "\(set)")
                try Deaths.expectWritable(points)
                // Frozen too often or thawed too often shows here.
                for (name, point) in zip(["a", "b"], points) {
                    try shell("umount \(point); mount /dev/\(lab.group)/\(name) \(point)")
                }
                try AfterSet.expectTransactionsAgree(lab)
                try lab.succeed("delete", "one")

                // A freeze that ends by itself during the cut would be noticed; one that is not there is no fault.
                try document("none", pre: "true")
                let other = try lab.stillpoint(["create", "--name", "two", "--hooks", "none"] + points)
                // Its post-script thaws what is not frozen, and fails.
                #expect(other.status == 3, "\(other)")
                try lab.succeed("delete", "two")
                try Deaths.expectWritable(points)

                // One that ends by itself before the cut is none, also when post does not mind.
                let (go, thawed) = (lab.directory + "/go", lab.directory + "/thawed")
                let timer = "(setsid sh -c 'until [ -e \(go) ]; do :; done; \(thaw); touch \(thawed)' &)"
                try document("timer", pre: "\(freeze) && \(timer)", post: "true")
                let early = try lab.stop(
                    at: "engine.quiesced", ["create", "--name", "early", "--hooks", "timer"] + points)
                try shell("touch \(go); until [ -e \(thawed) ]; do :; done")
                early.resume()
                let told = early.wait()
                #expect(told.status == 3 && told.errors.contains("was over before the cut"), "\(told)")
                try lab.succeed("delete", "early")
                try Deaths.expectWritable(points)

                // The engine hangs, and post thaws nothing: the supervisor does, when no cut can be under way any more.
                if Soak.isOn {
                    try document("hanging", pre: freeze, post: "exit 202")
                    let words = ["create", "--name", "late", "--hooks", "hanging", "--max-quiesce", "10s"]
                    let hanging = try lab.stop(at: "engine.quiesced", words + points)
                    for point in points {
                        try shell(
                            "timeout 200 sh -c 'until fsfreeze -f \(point); do :; done'; fsfreeze -u \(point)")
                    }
                    hanging.resume()
                    let late = hanging.wait()
                    #expect(late.status == 3 && late.errors.contains("frozen; thawed now"), "\(late)")
                    try lab.succeed("delete", "late")
                    try Deaths.expectWritable(points)
                }

                // A post-script that thaws nothing, and nobody of the engine is left: the supervisor thaws. When both
                // are killed, recover does.
                try document("lazy", pre: "echo $PPID >\(lab.directory)/supervisor; \(freeze)", post: "true")
                for killsSupervisor in [false, true] {
                    let child = try lab.stop(
                        at: "engine.quiesced", ["create", "--name", "three", "--hooks", "lazy"] + points)
                    let line = try contents(lab.directory + "/supervisor")
                    let pid = try #require(pid_t(line.trimmingCharacters(in: .whitespacesAndNewlines)))
                    if killsSupervisor { kill(pid, SIGSTOP) }
                    kill(child.pid, SIGKILL)
                    if killsSupervisor { kill(pid, SIGKILL) }
                    _ = child.wait()
                    if !killsSupervisor { try shell("while [ -e /proc/\(pid) ]; do :; done") }
                    let recovered = try lab.stillpoint("recover")
                    #expect(recovered.status == (killsSupervisor ? 3 : 0), "\(recovered)")
                    #expect("\(recovered)".contains("frozen; thawed now") == killsSupervisor, "\(recovered)")
                    try Deaths.expectWritable(points)
                }

                // Tried without a set, it leaves nothing frozen either; and what a person has frozen stays so.
                try document("broken", pre: freeze, post: "exit 202")
                let tried = try lab.stillpoint("hooks", "run", "broken")
                #expect(tried.status == 3 && tried.errors.contains("frozen; thawed now"), "\(tried)")
                try Deaths.expectWritable(points)
                try lab.succeed("freeze", points[0], "--for", "10m")
                #expect(try lab.stillpoint("hooks", "run", "broken").status == 5)
                #expect(try attempt("fsfreeze", "-f", points[0]).status != 0, "the freeze by hand was ended")
                try Deaths.expectWritable([points[1]])
                try lab.succeed("thaw")
            }
        }
    }
}
