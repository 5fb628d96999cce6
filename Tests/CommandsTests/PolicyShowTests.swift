import Testing

@testable import Commands

/// `policy show` and `policy validate`.
struct PolicyShowTests {
    @Test("everything that a policy says is shown")
    func everything() async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        try host.defaultPolicy(
            "all",
            """
            - id: hourly
              create: {every: 1h, jitter: 5m, missedRuns: skip}
              retain: {count: 3}
              copyTags: ["app*"]
              tagsToAdd: {from: policy}
              variableTags: {at: $(timestamp)}
            """,
            more: """
                whenDisabled: expire
                orphans: expire
                orphanAge: 2mo
                extendDeletion: true
                recompute: all
                pauseAfterFailures: 5
                trash: 7d
                poolPressure: 90
                """)
        let table = await host.run("policy show all").output
        for part in [
            "every volume that no other", "When disabled", "expire, age 2mo", "all their sets expire",
            "are for all sets",
            "after 5 failed runs", "7d", "above 90%", "delayed by less than 300s", "missed runs are not caught up",
            "tags of volumes: app*", "at=$(timestamp), from=policy",
        ] { #expect(table.contains(part), "\(part): \(table)") }
        let json = await host.run("policy show all --output json").output
        for part in [
            #""default":true"#, #""whenDisabled":"expire""#, #""orphans":"expire","orphanAge":"2mo""#,
            #""extendDeletion":true,"recompute":"all""#, #""pauseAfterFailures":5"#, #""trash":"7d","poolPressure":90"#,
            #""jitterMs":300000,"missedRuns":"skip""#, #""copyTags":["app*"],"tagsToAdd":{"from":"policy"}"#,
            #""variableTags":{"at":"$(timestamp)"}"#,
        ] { #expect(json.contains(part), "\(part): \(json)") }
    }

    @Test("how hooks are used is shown")
    func hooks() async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        let digest = String(repeating: "0a", count: 32)
        try host.policy(
            "one",
            """
            - id: a
              create: {every: 1d}
              retain: {count: 1}
              scripts:
                {hooks: db, stages: [pre], parameters: {port: 5433}, sha256: \(digest), timeout: 90s, retries: 2,
                 onFailure: skip}
            - {id: b, create: {every: 1d}, retain: {count: 1}, scripts: {hooks: other}}
            - {id: c, create: {every: 1d}, retain: {count: 1}}
            """)
        let table = await host.run("policy show one").output
        for part in [
            "a: hooks: pre, 90.0 seconds each; 2 retries; no set when hooks fail; hook parameters: port=***", digest,
            "b: hooks: pre and post, 10.0 seconds each; 0 retries; a crash-consistent set when hooks fail",
        ] { #expect(table.contains(part), "\(part): \(table)") }
        let json = await host.run("policy show one --output json").output
        for part in [
            #""scripts":{"hooks":"db","stages":["pre"],"parameters":{"port":"***"},"sha256":"\#(digest)","#
                + #""timeoutMs":90000,"retries":2,"onFailure":"skip"}"#,
            #""timeoutMs":10000,"retries":0,"onFailure":"crash-consistent"}"#, #""hooks":null,"scripts":null"#,
        ] { #expect(json.contains(part), "\(part): \(json)") }
    }

    @Test("a policy that fails is in state ERROR, with cause and time, as in the list")
    func failing() async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        try host.policy("one", "- {id: a, create: {every: 1h}, retain: {count: 1}}", targets: "[/nowhere]")
        _ = await host.run("run")
        #expect(await host.run("policy show one --output json").output.contains(#""state":"ENABLED","error":null"#))
        host.pass(3600)
        #expect(await host.run("run").code == .refused)
        let table = await host.run("policy show one").output
        for part in ["ERROR", "Fails since  2026-11-23T11:10:00Z", "target /nowhere"] {
            #expect(table.contains(part), "\(part): \(table)")
        }
        let json = await host.run("policy show one --output json").output
        #expect(json.contains(#""state":"ERROR","error":"target /nowhere"#), "\(json)")
        #expect(json.contains(#""errorSince":"2026-11-23T11:10:00Z""#), "\(json)")
    }

    @Test("what is wrong with a policy on this host has its place")
    func validate() async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        try host.policy(
            "one",
            """
            - {id: a, create: {cron: "cron(0 1 1 1 ? 2020)"}, retain: {count: 1}}
            - {id: b, create: {every: 1d}, retain: {count: 1}, scripts: {hooks: none-such}}
            """, targets: "[/a, vg0/none, '@none']")
        let run = await host.run("policy validate")
        #expect(run.code == .refused, "\(run)")
        for part in [
            "one.yaml:5: schedule a: schedules.create.cron: expression ", "it fires no more",
            "one.yaml:6: schedule b: schedules.scripts.hooks: ", "no hook document none-such",
            "one.yaml:2: targets: there is no logical volume vg0/none",
            "one.yaml:2: targets: no thin volume carries the LVM tag none",
        ] { #expect(run.messages.contains(part), "\(part): \(run)") }
        try host.policy("one", "- {id: a, create: {every: 1d}, retain: {count: 1}}", targets: "[/a, vg0/a]")
        let twice = await host.run("policy validate")
        #expect(twice.code == .done && twice.messages.contains("are the same volume vg0/a"), "\(twice)")
        try host.policy(
            "one", "- {id: a, create: {every: 1d}, retain: {count: 1}}", targets: "[/a]",
            more: "exclude: {volumes: [/a]}")
        #expect(await host.run("policy validate").messages.contains("one.yaml: every volume is excluded"))
        try host.policy("one", "- {id: a, create: {every: 1d}, retain: {count: 1}}", targets: "{all: [vg0, /a]}")
        #expect(await host.run("policy validate").messages.isEmpty)
    }

    @Test("what holds anyway is not")
    func shortest() async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        try host.policy("one", "- {id: a, create: {every: 1d}, retain: {count: 1}}")
        let table = await host.run("policy show one").output
        for part in ["Default", "Orphans", "failed run", "Failed runs", "Trash", "Pool pressure", "tags", "delayed"] {
            #expect(!table.contains(part), "\(part): \(table)")
        }
        #expect(
            await host.run("policy show one --output json").output.contains(
                #""pauseAfterFailures":3,"trash":null,"poolPressure":null"#))
    }

    @Test("that failed runs stop no deleting is shown")
    func neverPaused() async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        try host.policy(
            "one", "- {id: a, create: {every: 1d}, retain: {count: 1}}", more: "pauseAfterFailures: 0")
        let table = await host.run("policy show one").output
        #expect(table.contains("Failed runs") && table.contains("stop no deleting"), "\(table)")
        #expect(await host.run("policy show one --output json").output.contains(#""pauseAfterFailures":null"#))
    }

    @Test("an excluded volume that is not there is told of")
    func idleExclusion() async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        try host.policy(
            "one", "- {id: a, create: {every: 1d}, retain: {count: 1}}", targets: "vg0",
            more: "exclude: {volumes: [vg0/b, vg0/tpyo], tags: [later]}")
        let run = await host.run("policy validate")
        #expect(run.code == .done && run.messages.contains("one.yaml: vg0/tpyo excludes nothing"), "\(run)")
        #expect(!run.messages.contains("vg0/b ") && !run.messages.contains("later"), "\(run)")
    }

    @Test("policy show: of parameters only the names of files, whatever there is of the document")
    func secrets() async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        try host.policy(
            "one",
            """
            - id: a
              create: {every: 1d}
              retain: {count: 1}
              scripts:
                hooks: redis
                parameters: {password: hunter2, port: 6379, other: "@@hunter3", file: "@/root/password"}
            """)
        let table = await host.run("policy show one").output
        #expect(
            table.contains("hook parameters: file=@/root/password, other=***, password=***, port=***"), "\(table)")
        let json = await host.run("policy show one --output json").output
        let parameters = #""parameters":{"file":"@/root/password","other":"***","password":"***","port":"***"}"#
        #expect(json.contains(parameters), "\(json)")
        for text in [table, json] { #expect(!text.contains("hunter"), "\(text)") }
    }
}
