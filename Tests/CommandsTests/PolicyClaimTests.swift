import Foundation
import SetModel
import Simulation
import Snapshots
import Testing

@testable import Commands

/// Which sets are a policy's own, and which runs it has done.
struct PolicyClaimTests {
    private let hourly = PolicyHost.hourly(keeping: 3)

    @Test(
        "a set that was given up half-way is no run that was done", arguments: [Fault.Kind.everythingDies, .powerCut])
    func halfWay(kind: Fault.Kind) async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        try host.policy("shop", hourly)
        _ = await host.run("run")
        host.pass(3600)
        host.host.inject(Fault(kind, at: .first("verify")))
        #expect(await host.run("run").code != .done)
        #expect(host.host.sets.map(\.state) == [.staged])
        host.host.clearFaults()
        host.pass(300)
        #expect(await host.run("run").code == .done)
        #expect(host.host.sets.map(\.state) == [.complete] && host.owners == ["shop hourly"])
    }

    @Test("a set whose run died after the commit is the policy's own, and the run is done")
    func committed() async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        try host.policy("shop", PolicyHost.hourly(keeping: 1))
        _ = await host.run("run")
        host.pass(3600)
        host.host.inject(Fault(.engineDies, at: .first("save catalog")))
        _ = await host.run("run")
        host.host.clearFaults()
        host.pass(300)
        #expect(await host.run("run").code == .done)
        #expect(host.owners == ["shop hourly"])
        host.pass(3600)
        #expect(await host.run("run").code == .done)
        #expect(host.owners == ["shop hourly"])
    }

    @Test("sets that the catalog does not know are nobody's: not deleted, not counted, and told of")
    func unknown() async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        try host.policy("shop", hourly)
        _ = await host.run("run")
        for _ in 1...3 {
            host.pass(3600)
            #expect(await host.run("run").code == .done)
        }
        #expect(await host.run("check").code.rawValue == 0)
        host.host.loseCatalog()
        try host.policy("shop", PolicyHost.hourly(keeping: 1))
        host.pass(3600)
        #expect(await host.run("run").code == .done)
        #expect(host.owners.count == 4)
        #expect(await host.run("plan").output.contains("not in this host's catalog"))
        let check = await host.run("check")
        #expect(check.code.rawValue == 1 && check.output.contains("3 sets not in the catalog"), "\(check)")
        // To tag one does not make it this host's; to adopt one does.
        let first = try #require(host.host.sets.min { $0.createdAt < $1.createdAt }).id
        #expect(await host.run("tag \(first) note=x").code == .done)
        #expect(await host.run("check").output.contains("3 sets not in the catalog"))
        #expect(await host.run("adopt \(first) --policy shop").code == .done)
        #expect(await host.run("check").output.contains("2 sets not in the catalog"))
        #expect(await host.run("reindex").code == .done)
        #expect(await host.run("prune").code == .done)
        #expect(host.owners.count == 1)
        #expect(await host.run("check").code.rawValue == 0)
    }

    @Test("`post` that was not run is critical")
    func atRest() {
        var state = HostState(
            now: .now, policies: [], problems: [], memories: [:], sets: [], pools: [], orphans: .success(0), idle: [])
        #expect(HostCheck(state, .init()).report.status == .ok)
        state.standing.atRest = ["shop"]
        #expect(HostCheck(state, .init()).report.status == .critical)
    }

    @Test("a run that fails is tried for an hour; then it is missed, and the next one is tried")
    func givenUp() async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        let daily = "- {id: daily, create: {cron: '0 12 * * *'}, retain: {count: 3}}"
        try host.policy("shop", daily, targets: "[/nowhere]")
        _ = await host.run("run")
        for time in ["12:05", "12:40", "13:01", "13:10"] {
            try host.set("2026-11-23T\(time):00Z")
            let run = await host.run("run")
            #expect(run.code == .refused && run.messages.contains("/nowhere"), "\(run)")
        }
        try host.set("2026-11-23T13:15:00Z")
        let over = await host.run("run")
        #expect(over.code == .done && over.output.contains("1 run of daily missed"), "\(over)")
        #expect(await host.run("run") == (.done, "", ""))
        #expect(await host.run("policy list").output.contains("ERROR"))
        try host.set("2026-11-24T12:05:00Z")
        #expect(await host.run("run").code == .refused)
        try host.policy("shop", daily)
        try host.set("2026-11-24T12:10:00Z")
        #expect(await host.run("run").code == .done)
        #expect(host.owners == ["shop daily"])
    }

    @Test("a run that failed before the host was off is tried again when it is back, however late")
    func backLate() async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        let daily = "- {id: daily, create: {cron: '0 12 * * *'}, retain: {count: 3}}"
        try host.policy("shop", daily, targets: "[/nowhere]")
        _ = await host.run("run")
        try host.set("2026-11-23T12:05:00Z")
        #expect(await host.run("run").code == .refused)
        try host.policy("shop", daily)
        try host.set("2026-11-23T20:00:00Z")
        #expect(await host.run("run").code == .done)
        #expect(host.owners == ["shop daily"])
    }

    @Test("while nobody can know which sets there are, a policy is in trouble, and says so")
    func incomplete() async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        host.host.addGroup("vg1")
        try host.policy("shop", hourly)
        _ = await host.run("run")
        host.pass(3600)
        host.host.interfere(before: "survey", .loseGroup("vg1"))
        let run = await host.run("run")
        #expect(run.code != .done && host.owners.isEmpty, "\(run)")
        #expect(await host.run("policy list").output.contains("ERROR"))
        #expect(await host.run("events").output.contains("policy shop is now ERROR"))
        host.host.findGroups()
        #expect(await host.run("run").code == .done)
        #expect(host.owners == ["shop hourly"])
        #expect(await host.run("metrics").output.contains(#"stillpoint_policy_failures{policy="shop"} 0"#))
    }

    @Test("a run in which every policy failed for one reason has its exit code; where anything was done, it is partial")
    func codes() async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        for id in ["shop", "zoo"] { try host.policy(id, hourly, targets: "[/nowhere]") }
        _ = await host.run("run")
        host.pass(3600)
        #expect(await host.run("run").code == .refused)
        try host.policy("zoo", hourly)
        #expect(await host.run("run").code == .partial)
    }
}
