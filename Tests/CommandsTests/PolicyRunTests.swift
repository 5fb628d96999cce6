import Foundation
import SetModel
import Simulation
import SystemPackage
import Testing

@testable import Commands

/// What cron calls: the engine and all rules, over simulated volumes.
struct PolicyRunTests {
    private let hourly = PolicyHost.hourly(keeping: 3)

    @Test("a run is done once, however often it is called, and old sets go")
    func hours() async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        try host.policy("shop", hourly)
        // A schedule that is new has nothing to catch up.
        #expect(await host.run("run") == (.done, "", ""))
        #expect(host.owners.isEmpty)
        for hour in 1...5 {
            host.pass(3600)
            let run = await host.run("run")
            #expect(run.code == .done && run.messages.isEmpty, "\(run)")
            #expect(run.output.contains("shop: took "))
            #expect(await host.run("run") == (.done, "", ""))
            #expect(host.owners == Array(repeating: "shop hourly", count: min(hour, 3)))
        }
        #expect(host.host.violations.isEmpty)
    }

    @Test("schedules that are due together make one set that belongs to both")
    func together() async throws {
        let host = try PolicyHost(at: "2026-11-23T22:30:00Z")
        try host.policy(
            "shop", hourly + "\n- {id: nightly, create: {cron: '0 0 * * *'}, retain: {count: 1, age: 30d}}")
        _ = await host.run("run")
        for _ in 1...6 {
            host.pass(3600)
            #expect(await host.run("run").code == .done)
        }
        // The one of midnight is no longer among the last three of the hours.
        #expect(host.owners == ["shop hourly,nightly", "shop hourly", "shop hourly", "shop hourly"])
        #expect(host.host.sets.contains { $0.expiresAt == $0.createdAt.addingTimeInterval(30 * 86400) })
    }

    @Test("a clock that is set back repeats nothing; a machine that was off catches up once, or not")
    func clock() async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        try host.policy("shop", hourly)
        try host.policy("lazy", "- {id: h, create: {every: 1h, missedRuns: skip}, retain: {count: 9}}")
        _ = await host.run("run")
        host.pass(3600)
        _ = await host.run("run")
        #expect(host.owners.sorted() == ["lazy h", "shop hourly"])
        try host.set("2026-11-23T10:40:00Z")
        #expect(await host.run("run") == (.done, "", ""))
        try host.set("2026-11-23T11:20:00Z")
        #expect(await host.run("run") == (.done, "", ""))
        // Off for two days, to half past.
        try host.set("2026-11-25T14:59:00Z")
        let run = await host.run("run")
        #expect(run.output.contains("shop: 50 runs of hourly missed"), "\(run)")
        #expect(host.owners.filter { $0 == "shop hourly" }.count == 2)
        #expect(host.owners.filter { $0 == "lazy h" }.count == 2)
        #expect(await host.run("run") == (.done, "", ""))
    }

    @Test("what failed is tried again; a policy in trouble keeps no other from its sets")
    func failures() async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        try host.policy("bad", hourly, targets: "[/nowhere]")
        try host.policy("good", hourly)
        _ = await host.run("run")
        host.pass(3600)
        for _ in 1...2 {
            let run = await host.run("run")
            #expect(run.messages.contains("bad: target /nowhere"), "\(run)")
            #expect(run.code == (host.owners.count == 1 && run.output.isEmpty ? .refused : .partial), "\(run)")
        }
        #expect(host.owners == ["good hourly"])
        #expect(await host.run("policy list").output.contains("ERROR"))
        // Mended, it is done.
        try host.policy("bad", hourly)
        #expect(await host.run("run").code == .done)
        #expect(host.owners.sorted() == ["bad hourly", "good hourly"])
        #expect(await !host.run("policy list").output.contains("ERROR"))
    }

    @Test("a file that cannot be read is told of, others work, and nothing is deleted meanwhile")
    func unreadable() async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        try host.policy("shop", PolicyHost.hourly(keeping: 1))
        _ = await host.run("run")
        try host.policy("typo", "- {id: hourly, creat: {every: 1h}, retain: {count: 1}}")
        for _ in 1...3 {
            host.pass(3600)
            let run = await host.run("run")
            #expect(run.code == .partial && run.messages.contains("typo.yaml:5: schedule 1: unknown key"), "\(run)")
        }
        #expect(host.owners == ["shop hourly", "shop hourly", "shop hourly"])
        #expect(await host.run("prune").code == .refused)
        try host.policy("typo", PolicyHost.hourly(keeping: 1))
        let plan = await host.run("plan")
        #expect(plan.output.contains("no longer wanted by hourly (count 1, last 1)"), "\(plan)")
        #expect(await host.run("prune --dry-run").output == plan.output)
        #expect(host.owners.count == 3)
        #expect(await host.run("prune").code == .done)
        #expect(host.owners == ["shop hourly"])
    }

    @Test("sets of others and sets made by hand stay; one by hand goes when it has expired")
    func others() async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        #expect(await host.run("create /a --name mine").code == .done)
        #expect(await host.run("create /a --name week --expire-after 7d").code == .done)
        try host.policy("gone", hourly)
        #expect(await host.run("run gone").code == .done)
        try FileManager.default.removeItem(atPath: host.directory.string + "/etc/policies.d/gone.yaml")
        try host.policy(
            "shop", PolicyHost.hourly(keeping: 1), targets: "vg0",
            more: "exclude: {tags: [x]}")
        for _ in 1...3 {
            host.pass(4 * 86400)
            #expect(await host.run("run shop --schedule hourly").code == .done)
        }
        #expect(host.owners.sorted() == ["- -", "gone hourly", "shop hourly"])
        let plan = await host.run("plan --output json")
        #expect(
            plan.output.contains(#""rule":"policyGone","reason":"orphan: there is no policy gone any more""#), "\(plan)"
        )
        #expect(await host.run("run shop --schedule daily").code == .usage)
        #expect(await host.run("run nobody").code == .usage)
    }

    @Test("tags: added, with variables, and copied from the volumes")
    func tags() async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        host.host.addVolume("vg0/t", pool: "vg0/pool", tags: ["app=shop", "tier=1", "plain"])
        try host.policy(
            "shop",
            """
            - id: hourly
              create: {every: 1h}
              retain: {count: 1}
              copyTags: ["app", "pl*"]
              tagsToAdd: {from: policy}
              variableTags: {at: "$(timestamp) $(policy) $(schedule)"}
            """, targets: "vg0/t")
        #expect(await host.run("run shop").code == .done)
        #expect(
            host.host.sets.first?.tags == [
                "app": "shop", "plain": "", "from": "policy", "at": "2026-11-23T10:10:00Z shop hourly",
            ])
    }

    @Test("a run that died between taking its set and remembering it is not done again")
    func diedBetween() async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        try host.policy("shop", hourly)
        _ = await host.run("run")
        let journal = host.directory.string + "/state/policies.json"
        let before = try Data(contentsOf: URL(fileURLWithPath: journal))
        host.pass(3600)
        #expect(await host.run("run").code == .done)
        try before.write(to: URL(fileURLWithPath: journal))
        host.pass(60)
        #expect(await host.run("run") == (.done, "", ""))
        #expect(host.owners == ["shop hourly"])
        try Data("{".utf8).write(to: URL(fileURLWithPath: journal))
        host.pass(3600)
        let damaged = await host.run("run")
        #expect(damaged.code == .refused && damaged.messages.contains("policies.json is damaged"), "\(damaged)")
    }

    @Test("a mount point without its mount is refused, and stands for no other volume")
    func unmounted() async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        for more in ["", "exclude: {rootVolume: true}"] {
            try host.policy("shop", hourly, targets: "[/a/below]", more: more)
            let run = await host.run("run shop")
            #expect(run.code == .refused && run.messages.contains("nothing is mounted on /a/below"), "\(run)")
        }
        try host.policy("shop", hourly, targets: "{any: [vg0], not: [/b/below]}")
        #expect(await host.run("run shop").code == .refused)
        try host.policy("shop", hourly, targets: "{any: [vg0], not: [/b]}")
        #expect(await host.run("run shop").code == .done)
        #expect(host.host.sets.map { $0.members.map(\.volume) } == [["vg0/a"]])
    }

    @Test("hooks that cannot be run keep no other schedule from its set; a set of a schedule that is gone stays")
    func hooksOfOne() async throws {
        let host = try PolicyHost(at: "2026-11-23T22:30:00Z")
        let nightly = "\n- {id: nightly, create: {cron: '0 0 * * *'}, retain: {count: 1}}"
        try host.policy(
            "shop", "- {id: hourly, create: {every: 1h}, retain: {count: 1}, scripts: {hooks: missing}}" + nightly)
        _ = await host.run("run")
        try host.set("2026-11-24T00:01:00Z")
        let run = await host.run("run")
        #expect(run.code == .partial && run.messages.contains("no hook document missing"), "\(run)")
        #expect(host.owners == ["shop nightly"])
        // Mended, hourly gets the set that it was owed; later both share one.
        try host.policy("shop", PolicyHost.hourly(keeping: 1) + nightly)
        #expect(await host.run("run").code == .done)
        try host.set("2026-11-25T00:01:00Z")
        #expect(await host.run("run").code == .done)
        #expect(host.owners == ["shop hourly,nightly"])
        // Nobody knows any more what nightly promised.
        try host.policy("shop", PolicyHost.hourly(keeping: 1))
        for _ in 1...3 {
            host.pass(3600)
            #expect(await host.run("run").code == .done)
        }
        #expect(host.owners == ["shop hourly,nightly", "shop hourly"])
        #expect(await host.run("plan").output.contains("orphan: the policy no longer has schedule nightly"))
    }
}
