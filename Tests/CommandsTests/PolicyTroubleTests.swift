import Foundation
import SetModel
import Simulation
import SystemPackage
import Testing

@testable import Commands

/// What becomes of policies whose sets fail, in part or for good, and of those that were disabled for a while.
struct PolicyTroubleTests {
    private let hourly = PolicyHost.hourly(keeping: 1)

    @Test("schedules with other scripts get sets of their own; what is in the way of one keeps none from its set")
    func otherScripts() async throws {
        let host = try PolicyHost(at: "2026-11-23T22:30:00Z")
        let plain = "- {id: plain, create: {every: 1h}, retain: {count: 9}}\n"
        func scripts(_ id: String, _ name: String) -> String {
            "- {id: \(id), create: {every: 1h}, retain: {count: 9}, scripts: {hooks: \(name)}}\n"
        }
        try host.policy("shop", plain + scripts("one", "first") + scripts("two", "second") + scripts("three", "first"))
        _ = await host.run("run")
        host.pass(3600)
        let run = await host.run("run")
        // Each document is asked for once, and named; the schedule without one gets its set.
        #expect(run.code == .partial && run.messages.contains("no hook document first"), "\(run)")
        #expect(run.messages.contains("no hook document second"), "\(run)")
        #expect(host.owners == ["shop plain"])
        #expect(await host.run("policy list").output.contains("ERROR"))
        let counters = await host.run("metrics").output
        #expect(counters.contains(#"stillpoint_snapshots_create_failed_total{policy="shop"} 2"#), "\(counters)")
        #expect(counters.contains(#"stillpoint_policy_failures{policy="shop"} 1"#), "\(counters)")
        // They are tried again without the one that has its set; mended, all are done.
        #expect(await host.run("run").code != .done)
        #expect(host.owners == ["shop plain"])
        try host.policy(
            "shop",
            plain + ["one", "two", "three"].map { "- {id: \($0), create: {every: 1h}, retain: {count: 9}}\n" }.joined())
        host.pass(60)
        #expect(await host.run("run").code == .done)
        #expect(host.owners == ["shop plain", "shop one,two,three"])
        #expect(await !host.run("policy list").output.contains("ERROR"))
    }

    @Test("a policy whose runs fail deletes nothing after three of them, however often each is tried")
    func pause() async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        let schedules = "- {id: hourly, create: {every: 1h}, retain: {age: 5h}}"
        try host.policy("shop", schedules)
        _ = await host.run("run")
        for _ in 1...5 {
            host.pass(3600)
            #expect(await host.run("run").code == .done)
        }
        #expect(host.owners.count == 5)
        try host.policy("shop", schedules, targets: "[/nowhere]")
        for (failures, left) in [(1, 4), (2, 3), (3, 3), (4, 3)] {
            host.pass(3600)
            for _ in 1...5 { #expect(await host.run("run").code != .done) }
            let metrics = await host.run("metrics").output
            #expect(metrics.contains("stillpoint_policy_failures{policy=\"shop\"} \(failures)\n"), "\(metrics)")
            #expect(host.owners.count == left)
            // Since when it fails, not when it failed last.
            #expect(await host.run("policy list").output.contains("shop fails since 2026-11-23T16:10:00Z: "))
        }
        #expect(await host.run("plan").output.contains("would go, but the last 4 runs of a schedule failed"))
        try host.policy("shop", schedules)
        #expect(await host.run("run").code == .done)
        #expect(host.owners.count == 2)
    }

    @Test("what passed while a policy was disabled is neither missed nor caught up", arguments: [true, false])
    func disabled(isCalled: Bool) async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        try host.policy("shop", hourly)
        _ = await host.run("run")
        host.pass(3600)
        #expect(await host.run("run").code == .done)
        #expect(await host.run("policy disable shop").code == .done)
        for _ in 1...3 {
            host.pass(10 * 86400)
            if isCalled { #expect(await host.run("run") == (.done, "", "")) }
        }
        host.pass(1200)
        #expect(await host.run("policy enable shop").code == .done)
        #expect(await host.run("run") == (.done, "", ""))
        #expect(host.owners == ["shop hourly"])
        #expect(await host.run("metrics").output.contains(#"stillpoint_missed_runs_total{policy="shop"} 0"#))
        host.pass(3600)
        #expect(await host.run("run").output.contains("shop: took "))
    }

    private func types(_ host: PolicyHost) async -> [String] {
        let lines = await host.run("events --output json").output.split(separator: "\"detailType\":\"").dropFirst()
        return lines.map { String($0.prefix { $0 != "\"" }) }
    }

    @Test("after something stood still nothing is written; the next run that finds it released tells")
    func stillFrozen() async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        try host.policy("shop", hourly)
        try host.policy("zoo", hourly, targets: "[/b]")
        _ = await host.run("run")
        let journal = URL(fileURLWithPath: host.directory.string + "/state/policies.json")
        let before = try Data(contentsOf: journal)
        host.pass(3600)
        host.host.inject(Fault(.fails, at: .every("thaw /a")))
        #expect(await host.run("run").code == .stillFrozen)
        #expect(await host.run("run").code == .stillFrozen)
        #expect(try Data(contentsOf: journal) == before)
        #expect(!FileManager.default.fileExists(atPath: host.directory.string + "/state/events/events.jsonl"))
        #expect(await host.run("policy list").output.contains("ERROR"))
        host.host.clearFaults()
        #expect(await host.run("run").code == .done)
        #expect(host.owners.sorted() == ["shop hourly", "zoo hourly"])
        #expect(
            await types(host) == [
                "Failsafe Fired", "Policy State Change", "Set Created", "Set Created", "Policy State Change",
            ])
        #expect(await host.run("events").output.contains("policy shop is now ERROR"))
        #expect(!FileManager.default.fileExists(atPath: host.directory.string + "/run/policies.json"))
        #expect(host.host.violations.isEmpty)
    }

    @Test("while something may stand still, the clock is not remembered either", arguments: ["run", "prune"])
    func stillFrozenClock(verb: String) async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        host.showTimeSinceBoot()
        try host.policy("shop", hourly)
        _ = await host.run("run")
        let clock = URL(fileURLWithPath: host.directory.string + "/state/clock.json")
        let before = try Data(contentsOf: clock)
        host.pass(3600)
        host.host.inject(Fault(.fails, at: .every("thaw /a")))
        #expect(await host.run("run").code == .stillFrozen)
        _ = await host.run(verb)
        #expect(try Data(contentsOf: clock) == before)
        host.host.clearFaults()
        #expect(await host.run("run").code == .done)
        #expect(try Data(contentsOf: clock) != before)
    }

    @Test("what could not be told is told by the next run")
    func untold() async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        try host.policy("shop", hourly)
        _ = await host.run("run")
        try host.policy("shop", hourly, targets: "[/nowhere]")
        host.pass(3600)
        // The log cannot be written.
        let events = host.directory.string + "/state/events"
        #expect(FileManager.default.createFile(atPath: events, contents: nil))
        let run = await host.run("run")
        #expect(run.messages.contains("an event could not be written"), "\(run)")
        try FileManager.default.removeItem(atPath: events)
        _ = await host.run("run")
        _ = await host.run("run")
        #expect(await types(host) == ["Policy State Change"])
    }

    @Test("a set that is there with an error ends the trouble")
    func partial() async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        try host.policy("shop", hourly, targets: "[/nowhere]")
        _ = await host.run("run")
        host.pass(3600)
        #expect(await host.run("run").code != .done)
        try host.policy("shop", hourly)
        // After the commit point.
        host.host.inject(Fault(.fails, at: .first("save catalog")))
        let run = await host.run("run")
        #expect(run.code == .partial && run.messages.contains("the catalog could not be written"), "\(run)")
        #expect(await !host.run("policy list").output.contains("ERROR"))
        #expect(await host.run("metrics").output.contains(#"stillpoint_policy_failures{policy="shop"} 0"#))
        #expect(await types(host) == ["Policy State Change", "Set Created", "Policy State Change"])
        #expect(await host.run("run") == (.done, "", ""))
        #expect(host.owners == ["shop hourly"])
    }
}
