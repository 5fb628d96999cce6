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
}
