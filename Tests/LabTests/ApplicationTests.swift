import Foundation
import Glibc
import Testing

extension LabTests {
    /// The other applications that documents come with, with the real programs.
    @Suite struct Applications {
        @Test(
            "Redis: what was acknowledged before is in every set with the hook, in the log or in a dump",
            .enabled(if: Soak.includes(kernel: "6.12"), Soak.elsewhere))
        func redis() async throws {
            try await ThinLab.run { lab in
                let data = try lab.fileSystem("data", "ext4", at: "data")
                try lab.installHook("redis")
                let root = lab.directory + "/copy"
                try shell("mkdir \(root)")
                for hasLog in [true, false] {
                    let server = try Redis(lab, data: data, hasLog: hasLog)
                    lab.atEnd("stop Redis") { server.stop() }
                    let load = try server.load()
                    lab.atEnd("end the client") { load.kill() }
                    let hooks = ["--hooks", "redis", "--hook-param", "port=\(server.port)", "--hook-timeout", "2m"]
                    for round in 1...Soak.rounds(1, of: 10) {
                        func count(_ name: String, _ words: [String]) throws -> (before: Int, found: Int) {
                            let before = try server.acknowledged()
                            let created = ["create", "--output", "json", "--name", name, data] + words
                            let set = try lab.succeed(created).decoded(CreateJSON.self).set
                            #expect(set.consistency == (words.isEmpty ? "filesystem" : "application"), "\(set)")
                            try lab.succeed(["mount", name, "--writable", "--at", root])
                            let found = try server.countInCopy(below: root)
                            try lab.succeed("delete", name)
                            return (before, found)
                        }
                        let with = try count("with\(round)", hooks)
                        #expect(with.found >= with.before && with.before > 0)
                        // A server without a log writes nothing by itself: the check can fail.
                        guard !hasLog, round == 1 else { continue }
                        try shell("rm -f \(data)/dump.rdb")
                        #expect(try count("without", []).found == 0)
                    }
                    // Writes go on.
                    let last = try server.acknowledged()
                    while try server.acknowledged() == last {}
                    load.kill()
                    server.stop()
                    try shell("rm -rf \(data)/* \(lab.directory)/answers")
                }
                // Also after a run that could not let go.
                try shell("mkdir -p /run/stillpoint/redis; touch /run/stillpoint/redis/127.0.0.1-6399")
                let down = try lab.expectNotReady("redis", ["port=6399"])
                #expect(down.contains("Connection refused"), "\(down)")
            }
        }

        @Test(
            "Redis: a dump and a log that are not whole yet are waited for, readers are answered, no right to pause is told",
            .enabled(if: Soak.includes(kernel: "6.12"), Soak.elsewhere))
        func redisAtWork() async throws {
            try await ThinLab.run { lab in
                let data = try lab.fileSystem("data", "ext4", at: "data")
                try lab.installHook("redis")
                let root = lab.directory + "/copy"
                try shell("mkdir \(root)")
                let server = try Redis(lab, data: data, hasLog: false)
                lab.atEnd("stop Redis") { server.stop() }
                let port = "port=\(server.port)"
                func found(_ name: String, hasLog: Bool) throws -> Int {
                    let words = ["--hooks", "redis", "--hook-param", port, "--hook-timeout", "2m"]
                    let created = ["create", "--output", "json", "--name", name, data] + words
                    let set = try lab.succeed(created).decoded(CreateJSON.self).set
                    #expect(set.consistency == "application", "\(set)")
                    try lab.succeed(["mount", name, "--writable", "--at", root])
                    let found = try server.countInCopy(below: root, hasLog: hasLog)
                    try lab.succeed("delete", name)
                    return found
                }
                // Of a single key. What is written after its beginning is not in this dump.
                try server.ask("SET n 1")
                try server.beginSlowly("BGSAVE", seconds: 10)
                try server.ask("SET n 2")
                #expect(try found("dump", hasLog: false) == 2)
                // A log that is switched on is nothing until all keys were written to it.
                try server.beginSlowly("CONFIG SET appendonly yes", seconds: 10)
                try server.ask("SET n 3")
                #expect(try found("log", hasLog: true) == 3)
                try server.ask("CONFIG SET appendonly no")

                // Readers are answered while a dump is made, and one that fails is none.
                try server.ask("CONFIG SET rdb-key-save-delay 1000000000")
                let reader = try server.readDuringDump()
                let failed = try lab.stillpoint(
                    "hooks", "run", "redis", "--hook-param", port, "--hook-timeout", "2m", "--output", "json")
                #expect(failed.status == 6 && failed.standard.contains("the dump failed"), "\(failed)")
                #expect(reader.wait().text == "3")
                #expect(try server.ask("SET n 4") == "OK")

                // As the servers before 6.2 answer, or those that forbid it: there is nothing to be released.
                try server.ask("ACL SETUSER default '-client|pause' '-client|unpause'")
                let words = try lab.expectNotReady("redis", [port])
                #expect(words.contains("Redis 6.2 or later"), "\(words)")
                try shell("[ ! -e /run/stillpoint/redis/127.0.0.1-\(server.port) ]")
            }
        }

        @Test(
            "SQLite under a writer: the file is whole without its log, and with it where there is a reader",
            .enabled(if: Soak.includes(kernel: "6.1"), Soak.elsewhere))
        func sqlite() async throws {
            try await ThinLab.run { lab in
                let data = try lab.fileSystem("data", "ext4", at: "data")
                let shop = try SQLite(lab, at: data)
                let load = try shop.load()
                lab.atEnd("end the client") { load.kill() }
                try lab.installHook("sqlite")
                let root = lab.directory + "/copy"
                try shell("mkdir \(root)")
                let database = "database=\(shop.file)"
                func hooks(waitMs: Int) -> [String] {
                    let parameters = [database, "user=\(SQLite.user)", "waitMs=\(waitMs)"]
                    return ["--hooks", "sqlite", "--hook-timeout", "2m"] + parameters.flatMap { ["--hook-param", $0] }
                }
                for round in 1...Soak.rounds(1, of: 10) {
                    for words in [hooks(waitMs: 60000), []] {
                        let before = try shop.committed()
                        let created = ["create", "--output", "json", "--name", "s\(round)", data] + words
                        let set = try lab.succeed(created).decoded(CreateJSON.self).set
                        #expect(set.consistency == (words.isEmpty ? "filesystem" : "application"), "\(set)")
                        try lab.succeed(["mount", set.name, "--at", root])
                        let count = try shop.countInCopy(below: root)
                        // Without the hook the file alone is behind: the check can fail.
                        #expect((count >= before) == !words.isEmpty, "\(words): \(count), \(before) before")
                        try lab.succeed("delete", set.name)
                    }
                }
                // Writes go on, also beside a reader, who holds back what is written now.
                let reader = try shop.read()
                lab.atEnd("end the reader") { reader.kill() }
                let last = try shop.committed()
                while try shop.committed() == last {}
                load.kill()
                let before = try shop.committed()
                let output = try lab.succeed(
                    ["create", "--output", "json", "--name", "read", data] + hooks(waitMs: 1000))
                #expect(try output.decoded(CreateJSON.self).set.consistency == "application", "\(output)")
                #expect(output.standard.contains("whole with its -wal only"), "\(output)")
                try lab.succeed(["mount", "read", "--at", root])
                #expect(try shop.countInCopy(below: root) < before)
                #expect(try shop.countWithLog(below: root) >= before)
                try lab.succeed("delete", "read")

                // Nobody opens it as root for want of a word; and who cannot write takes no lock.
                let nobody = try lab.stillpoint("hooks", "run", "sqlite", "--hook-param", database)
                #expect(nobody.status == 64 && nobody.errors.contains("parameter user"), "\(nobody)")
                let words = try lab.expectNotReady("sqlite", [database, "user=daemon"])
                #expect(words.contains("daemon cannot write"), "\(words)")
                try lab.expectNotReady("sqlite", ["database=\(data)/none", "user=\(SQLite.user)"])
            }
        }

        @Test(
            "a systemd unit: stopped and started again, or reloaded; one that does not run stays so",
            .enabled(if: Soak.includes(kernel: "6.1"), Soak.elsewhere))
        func unit() async throws {
            try await ThinLab.run { lab in
                let (name, log) = ("stillpoint-trial.service", lab.directory + "/unit.log")
                try shell(
                    """
                    cat >/run/systemd/system/\(name) <<'UNIT'
                    [Service]
                    ExecStart=/bin/sh -c 'echo start >>\(log); exec sleep infinity'
                    ExecReload=/bin/sh -c 'echo reload >>\(log)'
                    ExecStop=/bin/sh -c 'echo stop >>\(log)'
                    UNIT
                    systemctl daemon-reload
                    systemctl start \(name)
                    until [ -s \(log) ]; do :; done
                    """)
                lab.atEnd("remove the unit") {
                    try shell("systemctl stop \(name); rm /run/systemd/system/\(name); systemctl daemon-reload")
                }
                try lab.installHook("unit")
                let words = ["hooks", "run", "unit", "--hook-timeout", "2m", "--hook-param", "unit=\(name)"]
                try lab.succeed(words)
                try shell("until [ \"$(wc -l <\(log))\" = 3 ]; do :; done; systemctl is-active \(name)")
                #expect(try contents(log) == "start\nstop\nstart\n")
                try lab.succeed(words + ["--hook-param", "action=reload"])
                #expect(try contents(log) == "start\nstop\nstart\nreload\n")
                try shell("systemctl stop \(name)")
                // Also after a run that could not start it again.
                try shell("mkdir -p /run/stillpoint/units; touch /run/stillpoint/units/\(name)")
                try lab.expectNotReady("unit", ["unit=\(name)"])
                #expect(try shell("systemctl is-active \(name) || :") == "inactive")
            }
        }

        @Test("a virtual machine: its file systems are frozen by a real qemu-ga, its disk is a volume")
        func guestAgent() async throws {
            try await ThinLab.run { lab in
                let inside = try lab.fileSystem("inside", "ext4", at: "inside")
                let disk = try lab.volume("disk")
                // As QEMU has it open.
                let holder = try Child(["sh", "-c", "exec 3<>\(disk); exec sleep 36000"])
                lab.atEnd("close the disk") { holder.kill() }
                let (socket, log) = (lab.directory + "/agent", lab.directory + "/frozen")
                try shell(
                    """
                    printf '#!/bin/sh\\necho "$1" >>\(log)\\n' >\(lab.directory)/notice
                    install -m 755 \(lab.directory)/notice /usr/local/sbin/stillpoint-notice
                    """)
                lab.atEnd("remove the agent's hook") { try shell("rm -f /usr/local/sbin/stillpoint-notice") }
                let agent = try Child([
                    "qemu-ga", "--method=unix-listen", "--path=\(socket)", "--statedir=\(lab.directory)",
                    "--pidfile=\(lab.directory)/agent.pid", "--fsfreeze-hook=/usr/local/sbin/stillpoint-notice",
                ])
                lab.atEnd("end the agent") { agent.kill() }
                try shell("until [ -S \(socket) ]; do :; done")
                // Here the machine is this host itself.
                try lab.hook("qemu-guest", try contents("hooks/qemu-guest.yaml") + "mayFreeze: true\n")
                let hooks = [
                    "--hooks", "qemu-guest", "--hook-param", "socket=\(socket)", "--hook-param",
                    "mountPoints=\(inside)", "--hook-param", "waitSeconds=60", "--hook-timeout", "2m",
                ]
                for round in 1...Soak.rounds(1, of: 10) {
                    try shell("rm -f \(log)")
                    let created = ["create", "--output", "json", "--name", "vm\(round)", inside, disk]
                    let set = try lab.succeed(created + ["--require", "application"] + hooks)
                        .decoded(CreateJSON.self).set
                    #expect(set.consistency == "application", "\(set)")
                    #expect(try contents(log) == "freeze\nthaw\n")
                    try lab.succeed("delete", set.name)
                    try Deaths.expectWritable([inside])
                }

                // One stage by hand, and the other: the document knows the machine again.
                for stage in ["pre", "post"] {
                    try shell("rm -f \(log)")
                    try lab.succeed(["hooks", "run", "qemu-guest", "--stage", stage] + hooks.dropFirst(2))
                    #expect(try contents(log) == (stage == "pre" ? "freeze\n" : "thaw\n"))
                }
                try Deaths.expectWritable([inside])

                // Without a document that says who uses the disk, the set promises no more than a power cut.
                try lab.hook("other", "pre: [{id: rest, shell: 'true'}]")
                let other = try lab.succeed(
                    "create", "--output", "json", "--name", "other", disk, "--hooks", "other")
                #expect(try other.decoded(CreateJSON.self).set.consistency == "crash")
                try lab.succeed("delete", "other")
                let refused = try lab.stillpoint("create", disk, "--hooks", "other", "--require", "application")
                #expect(refused.status == 4, "\(refused)")

                // No agent: said clearly, and no set for whoever wants none.
                agent.kill()
                let down = try lab.stillpoint(
                    ["create", disk, "--on-hook-failure", "skip"] + hooks)
                #expect(down.status == 6 && down.errors.contains("206"), "\(down)")
            }
        }
    }
}

/// What `hooks run --output json` prints.
private struct HooksJSON: Decodable {
    struct Step: Decodable {
        var stage: String
        var status: String
        var exitCode: Int?
        var errors: String
    }

    var hooks: [Step]
}

extension ThinLab {
    /// A document whose application does not run says so with 206, and its `post` finds nothing to do.
    ///
    /// - Returns: what it says.
    @discardableResult
    func expectNotReady(_ document: String, _ parameters: [String]) throws -> String {
        let words = parameters.flatMap { ["--hook-param", $0] }
        let output = try stillpoint(
            ["hooks", "run", document, "--hook-timeout", "2m", "--output", "json"] + words)
        #expect(output.status == 6, "\(output)")
        let failed = try output.decoded(HooksJSON.self).hooks.filter { $0.status != "succeeded" }
        #expect(failed.map(\.exitCode) == [206] && failed.map(\.stage) != ["post"], "\(output)")
        return failed.map(\.errors).joined()
    }
}
