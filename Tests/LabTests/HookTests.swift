import Foundation
import Glibc
import Testing

extension LabTests {
    /// Sets whose applications were brought to rest, with real servers.
    @Suite struct Hooks {
        @Test("PostgreSQL under pgbench, its log on another volume: every set starts, and has all that was committed")
        func postgreSQL() async throws {
            try await ThinLab.run { lab in
                let data = try lab.fileSystem("data", "ext4", at: "data", megabytes: 600)
                let log = try lab.fileSystem("log", "xfs", at: "log", megabytes: 400)
                let server = try Postgres(lab, data: data, log: log)
                lab.atEnd("stop PostgreSQL") { try? server.stop() }
                try lab.installHook("postgresql")
                let load = try server.load()
                lab.atEnd("end pgbench") { load.kill() }
                let root = lab.directory + "/copy"
                try shell("mkdir \(root)")
                for round in 1...Soak.rounds(1, of: 50) {
                    for hooks in [["--hooks", "postgresql"] + server.parameters, []] {
                        let committed = try server.committed()
                        let name = "pg\(round)\(hooks.isEmpty ? "" : "h")"
                        let words = ["create", "--output", "json", "--name", name] + hooks + [data, log]
                        let set = try lab.succeed(words).decoded(CreateJSON.self).set
                        #expect(set.consistency == (hooks.isEmpty ? "filesystem" : "application"), "\(set)")
                        try lab.succeed(["mount", name, "--writable", "--at", root])
                        try server.withCopy(log: log, below: root) { copy in
                            #expect(try copy.committed() >= committed)
                            #expect(try copy.balancesAgree())
                            try copy.check()
                        }
                        try lab.succeed("delete", name)
                    }
                }
            }
        }

        @Test("MariaDB: sums over InnoDB and MyISAM agree with the hook in every set, and without it not in each")
        func mariaDB() async throws {
            try await ThinLab.run { lab in
                let data = try lab.fileSystem("data", "ext4", at: "data", megabytes: 600)
                let tables = try lab.fileSystem("tables", "xfs", at: "tables", megabytes: 300)
                let server = try MariaDB(lab, data: data, tables: tables)
                lab.atEnd("stop MariaDB") { server.stop() }
                try lab.installHook("mariadb")
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
                // One such set in several: too long for a few rounds.
                guard Soak.isOn else { return }
                var disagree = false
                for round in 1...20 where !disagree { disagree = try sum("without\(round)", []) != whole }
                #expect(disagree, "the check cannot tell a set without hooks from one with them")
            }
        }

        @Test("what fails, and what becomes of the set")
        func outcomes() async throws {
            try await ThinLab.run { lab in
                let point = try lab.fileSystem("v", "ext4", at: "v")
                let log = lab.directory + "/log"
                func document(_ name: String, pre: String, post: String) throws {
                    try lab.hook(
                        name,
                        """
                        pre: [{id: rest, shell: "\(pre)"}]
                        post: [{id: run, shell: "echo post >>\(log); \(post)"}]
                        """)
                }
                try document("good", pre: "true", post: "true")
                try document("bad", pre: "exit 201", post: "true")
                try document("late", pre: "true", post: "exit 7")
                /// The words, the exit code, the set's consistency (`nil`: none is left), and how often post runs.
                let cases: [(words: [String], code: Int32, consistency: String?, posts: Int)] = [
                    (["good"], 0, "application", 1),
                    (["good", "--require", "application"], 0, "application", 1),
                    (["bad"], 0, "filesystem", 1),
                    (["bad", "--hook-retries", "2"], 0, "filesystem", 3),
                    (["bad", "--on-hook-failure", "skip", "--hook-retries", "1"], 6, nil, 2),
                    (["bad", "--require", "application"], 6, nil, 1),
                    (["late"], 3, "filesystem", 1),
                    (["late", "--require", "application"], 6, nil, 1),
                ]
                for item in cases {
                    try shell("rm -f \(log)")
                    let output = try lab.stillpoint(["create", "--name", "one", point, "--hooks"] + item.words)
                    #expect(output.status == item.code, "\(item.words): \(output)")
                    let sets = try lab.succeed("list", "--output", "json").decoded(ListJSON.self).sets
                    #expect(sets.first?.consistency == item.consistency, "\(item.words): \(output)")
                    #expect(try shell("grep -c post \(log) || :") == "\(item.posts)", "\(item.words): \(output)")
                    #expect(try shell("ls \(lab.runDirectory)/runs 2>/dev/null || :") == "")
                    if !sets.isEmpty { try lab.succeed("delete", "one") }
                }
                try Deaths.expectWritable([point])
            }
        }

        @Test("whoever of us is killed while applications are at rest: post runs, and recover leaves no trace")
        func deaths() async throws {
            try await ThinLab.run { lab in
                let point = try lab.fileSystem("v", "ext4", at: "v")
                let log = lab.directory + "/log"
                try lab.hook(
                    "doc",
                    """
                    pre: [{id: rest, shell: "echo $PPID >\(lab.directory)/supervisor"}]
                    post: [{id: run, shell: "echo post >>\(log)"}]
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
            }
        }

        @Test("an SSM document that freezes the file systems itself")
        func freezingDocument() async throws {
            try await ThinLab.run { lab in
                let points = [try lab.fileSystem("a", "ext4", at: "a"), try lab.fileSystem("b", "xfs", at: "b")]
                func document(_ name: String, pre: String) throws {
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
                                    post-script) for p in \(points.joined(separator: " ")); do fsfreeze -u $p; done ;;
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
            }
        }
    }
}
