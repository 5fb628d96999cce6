import Foundation
import SetModel
import Simulation
import Snapshots
import SystemPackage
import Testing

@testable import Commands

/// What those who watch a host are told.
struct ObserveTests {
    static let hourly = PolicyHost.hourly(keeping: 3)

    /// A host whose policies have had sets taken, failures and deletions.
    private func busyHost() async throws -> PolicyHost {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        try host.policy("shop", PolicyHost.hourly(keeping: 1))
        try host.policy("bad", Self.hourly, targets: "[/nowhere]")
        _ = await host.run("run")
        host.pass(3600)
        // The second call tries again what failed.
        for _ in 1...2 { _ = await host.run("run") }
        host.pass(3600)
        _ = await host.run("run")
        return host
    }

    @Test("counters and gauges after runs that succeeded and failed")
    func metrics() async throws {
        let host = try await busyHost()
        let run = await host.run("metrics")
        #expect(run.code == .done && run.messages.isEmpty, "\(run)")
        let lines = Set(run.output.split(separator: "\n").map(String.init))
        let success = try Date("2026-11-23T12:10:00Z", strategy: .iso8601).timeIntervalSince1970
        for line in [
            #"stillpoint_resources_targeted_total{policy="shop"} 4"#,
            #"stillpoint_resources_targeted_total{policy="bad"} 0"#,
            #"stillpoint_snapshots_create_started_total{policy="shop"} 2"#,
            #"stillpoint_snapshots_create_completed_total{policy="shop"} 2"#,
            #"stillpoint_snapshots_create_failed_total{policy="shop"} 0"#,
            #"stillpoint_snapshots_delete_completed_total{policy="shop"} 1"#,
            // Two runs, of which one was tried twice.
            #"stillpoint_snapshots_create_started_total{policy="bad"} 2"#,
            #"stillpoint_snapshots_create_completed_total{policy="bad"} 0"#,
            #"stillpoint_snapshots_create_failed_total{policy="bad"} 3"#,
            #"stillpoint_policy_failures{policy="bad"} 2"#, #"stillpoint_policy_failures{policy="shop"} 0"#,
            #"stillpoint_policy_enabled{policy="shop"} 1"#,
            #"stillpoint_policy_last_success_timestamp_seconds{policy="shop"} \#(Int(success))"#,
            #"stillpoint_policy_newest_set_timestamp_seconds{policy="shop"} \#(Int(success))"#,
            #"stillpoint_policy_first_seen_timestamp_seconds{policy="bad"} \#(Int(success) - 7200)"#,
            #"stillpoint_policy_max_age_seconds{policy="shop"} 7200"#,
            #"stillpoint_missed_runs_total{policy="shop"} 0"#, #"stillpoint_failsafe_fired_total{policy="shop"} 0"#,
            #"stillpoint_pool_data_percent{pool="vg0/pool"} 10"#,
            #"stillpoint_pool_metadata_percent{pool="vg0/pool"} 10"#,
            #"stillpoint_sets{policy="shop",state="complete"} 1"#, #"stillpoint_sets{policy="bad",state="complete"} 0"#,
            #"stillpoint_sets{policy="",state="staged"} 0"#, "stillpoint_orphan_sets 0", "stillpoint_leftover_sets 0",
            "stillpoint_policy_problems 0", "# TYPE stillpoint_snapshots_create_started counter",
        ] { #expect(lines.contains(line), "\(line)\n\(run.output)") }
        for name in ["run_duration", "frozen_window"] {
            #expect(run.output.contains("\nstillpoint_policy_last_\(name)_seconds{policy=\"shop\"} "))
        }
        // What never succeeded has no time of success.
        #expect(!run.output.contains(#"last_success_timestamp_seconds{policy="bad"}"#))
        #expect(run.output.hasSuffix("\n# EOF\n"))
        let programs = await host.run("metrics --output json").output
        #expect(programs.contains(#""name":"stillpoint_missed_runs","type":"counter""#))
        #expect(host.host.violations.isEmpty)
    }

    @Test("how full a pool is that is not active, nobody says")
    func inactivePool() async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        host.host.addPool("vg0/off", dataPercent: nil, metadataPercent: nil, isActive: false)
        let metrics = await host.run("metrics").output
        #expect(metrics.contains(#"{pool="vg0/pool"} 10"#) && !metrics.contains("vg0/off"))
        let check = await host.run("check")
        #expect(check.code == .done && !check.output.contains("vg0/off"), "\(check)")
    }

    @Test("missed runs are counted once, when they are dealt with")
    func missed() async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        try host.policy("shop", Self.hourly)
        _ = await host.run("run")
        try host.policy("shop", Self.hourly, targets: "[/nowhere]")
        try host.set("2026-11-23T15:20:00Z")
        // 11 to 14 o'clock; 15 o'clock is tried, in vain.
        let line = #"stillpoint_missed_runs_total{policy="shop"} "#
        for _ in 1...2 {
            _ = await host.run("run")
            #expect(await host.run("metrics").output.contains(line + "0\n"))
        }
        try host.policy("shop", Self.hourly)
        for _ in 1...2 {
            _ = await host.run("run")
            #expect(await host.run("metrics").output.contains(line + "4\n"))
        }
    }

    @Test("a file for node_exporter: the other text, whole, for everybody to read")
    func file() async throws {
        let host = try await busyHost()
        let file = host.directory.string + "/stillpoint.prom"
        for _ in 1...2 {
            #expect(await host.run("metrics --write \(file)") == (.done, "written \(file)\n", ""))
            let text = try String(contentsOfFile: file, encoding: .utf8)
            #expect(text.contains("# TYPE stillpoint_snapshots_create_started_total counter\n"))
            let printed = await host.run("metrics --format prometheus").output
            #expect(text == printed && !text.contains("EOF"))
            var status = stat()
            #expect(stat(file, &status) == 0 && status.st_mode & 0o777 == 0o644)
        }
        let nowhere = await host.run("metrics --write \(host.directory.string)/none/x.prom")
        #expect(nowhere.code == .refused && nowhere.messages.contains("none/x.prom"), "\(nowhere)")
        #expect(await host.run("metrics --format xml").code == .usage)
        // As Debian's, which belongs to the collector; not one that is everybody's.
        let folder = host.directory.string + "/collector"
        for (mode, code) in [(0o775, .done), (0o1777, .refused)] as [(mode_t, ExitCode)] {
            #expect(mkdir(folder, 0o755) == 0 || errno == EEXIST)
            #expect(chmod(folder, mode) == 0)
            if geteuid() == 0 { #expect(chown(folder, 65534, 65534) == 0) }
            let run = await host.run("metrics --write \(folder)/x.prom")
            #expect(run.code == code, "\(run)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["x.prom"])
        }
        #expect(symlink("collector", host.directory.string + "/link") == 0)
        #expect(await host.run("metrics --write \(host.directory.string)/link/x.prom").code == .refused)
    }

    @Test("promtool finds nothing wrong with metrics", .enabled(if: Promtool.isThere, "needs promtool"))
    func promtool() async throws {
        let host = try await busyHost()
        let text = await host.run("metrics --format prometheus").output
        #expect(try Promtool.run(["check", "metrics"], input: text) == (0, ""))
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        /// Of the command.
        var options = ""
        var code: Int32
        /// In the one line.
        var says: [String]
        var prepare: @Sendable (PolicyHost) async throws -> Void

        var testDescription: String { name }
    }

    /// One set, of 11:10.
    private static func take(_ host: PolicyHost, then seconds: Double) async throws {
        try host.policy("shop", hourly)
        _ = await host.run("run")
        host.pass(3600)
        #expect(await host.run("run").code == .done)
        host.pass(seconds)
    }

    static let cases: [Case] = [
        Case(
            name: "no policies", code: 0,
            says: ["STILLPOINT OK - policies: 0 enabled, none late, the fullest pool is vg0/pool with 10% | "],
            prepare: { _ in }),
        Case(
            name: "a policy that no run has seen", code: 1,
            says: ["WARNING - policy shop: no `stillpoint run` has looked at it yet"],
            prepare: { try $0.policy("shop", hourly) }),
        Case(
            name: "as old as is allowed", code: 0,
            says: ["OK - policies: 1 enabled", "| 'age shop'=6599s;;7199 'data vg0/pool'=10%;80;90"],
            prepare: { try await take($0, then: 6599) }),
        Case(
            name: "older", code: 2,
            says: [
                "CRITICAL - policy shop: newest complete set is 1h 50m old, and one was due 1h ago | ",
                "'age shop'=6600s;;3600",
            ],
            prepare: { try await take($0, then: 6600) }),
        Case(
            name: "older, allowed", options: "--max-age 26h", code: 0, says: ["OK", "'age shop'=10801s;;93600"],
            prepare: { try await take($0, then: 10801) }),
        Case(
            name: "younger, not allowed", options: "--max-age 1h", code: 2, says: ["1h old, 1h allowed"],
            prepare: { try await take($0, then: 3601) }),
        Case(
            name: "older, disabled", code: 0, says: ["OK - policies: 0 enabled"],
            prepare: {
                try await take($0, then: 10801)
                try $0.policy("shop", hourly, more: "state: DISABLED")
            }),
        Case(
            name: "no set in time", code: 2,
            says: [
                "CRITICAL - policy shop: no complete set, 3h after it began, and one was due 1h 10m ago; ",
                "; policy shop fails since 2026-11-23T13:10:01Z: ",
            ],
            prepare: { host in
                try host.policy("shop", hourly, targets: "[/nowhere]")
                _ = await host.run("run")
                host.pass(10801)
                _ = await host.run("run")
            }),
        Case(
            name: "a failure", code: 1,
            says: ["WARNING - policy shop fails since 2026-11-23T12:10:00Z: target /nowhere"],
            prepare: { host in
                try await take(host, then: 3600)
                try host.policy("shop", hourly, targets: "[/nowhere]")
                _ = await host.run("run")
            }),
        Case(
            name: "a pool that fills up", options: "--pool-warning 10", code: 1,
            says: ["WARNING - data of pool vg0/pool is 10% full; metadata of pool vg0/pool is 10% full |"],
            prepare: { _ in }),
        Case(
            name: "a full pool", options: "--pool-warning 5 --pool-critical 10", code: 2,
            says: ["CRITICAL - data of pool", "'metadata vg0/pool'=10%;5;10"], prepare: { _ in }),
        Case(
            name: "a pool that must be checked, and is not full", code: 2,
            says: ["CRITICAL - pool vg0/sick needs checking; run `lvconvert` |", "'data vg0/sick'=40%;80;90"],
            prepare: { $0.host.addPool("vg0/sick", dataPercent: 40, problem: "needs checking; run `lvconvert`") }),
        Case(
            name: "a pool that failed, of which nothing else is known", code: 2,
            says: ["CRITICAL - pool vg0/gone has failed |"],
            prepare: {
                $0.host.addPool("vg0/gone", dataPercent: nil, metadataPercent: nil, problem: "has failed")
            }),
        Case(
            name: "a file that is unusable", code: 1,
            says: ["WARNING - unusable, so nothing is deleted: ", "typo.yaml"],
            prepare: { try $0.policy("typo", "- {id: hourly, creat: {every: 1h}, retain: {count: 1}}") }),
        Case(
            name: "orphans", code: 1, says: ["WARNING - nobody looks after 2 sets", "'orphans'=2;0;"],
            prepare: { host in
                try await take(host, then: 3600)
                #expect(await host.run("run").code == .done)
                try host.remove("shop")
            }),
        Case(
            name: "what a run left, a moment ago", code: 0, says: ["'leftovers'=0;0;"],
            prepare: { try await leave($0) }),
        Case(
            name: "what a run left", code: 1,
            says: ["WARNING - left by a run that died: gone (staged)", "'leftovers'=1;0;"],
            prepare: {
                try await leave($0)
                $0.pass(3601)
            }),
        Case(
            name: "a clock that jumped", code: 1,
            says: ["WARNING - the clock jumped ahead by 9d 1h: for a day nothing is deleted by age |"],
            prepare: { host in
                host.showTimeSinceBoot()
                #expect(await host.run("run").code == .done)
                host.step(9 * 86400 + 3600)
            }),
        Case(
            name: "a set ahead of the clock", code: 1,
            says: [
                "WARNING - made while the clock was ahead, or it is behind now: 20261126T101000Z-", "'age shop'=0s;",
            ],
            prepare: { host in
                try await takeAhead(host)
                #expect(await host.run("run").code == .done)
                host.pass(3600)
                #expect(await host.run("run").code == .done)
            }),
        Case(
            name: "a set ahead of the clock, and none since", code: 2,
            says: ["CRITICAL - policy shop: no complete set, ", "; made while the clock was ahead"],
            prepare: { host in
                try await takeAhead(host)
                host.pass(10801)
            }),
        Case(
            name: "what stands still", code: 2,
            says: ["CRITICAL - /a may stand still, and nobody is at work on it: run `stillpoint recover`"],
            prepare: { host in
                host.host.inject(Fault(.fails, at: .every("thaw /a")))
                #expect(await host.run("create /a").code == .stillFrozen)
            }),
        Case(
            name: "frozen by hand", code: 1, says: ["WARNING - frozen by hand: /a; it ends by itself"],
            prepare: { #expect(await $0.run("freeze /a --for 30s").code == .done) }),
        Case(
            name: "a sink that takes nothing", code: 1,
            says: ["WARNING - sink pager has not got 1 event, the oldest of ", ": /bin/false ended with exit code 1"],
            prepare: { host in
                try host.configure("events: {sinks: [{id: pager, command: [/bin/false]}]}\n")
                #expect(await host.run("create /a").code == .done)
                // Events have the time of this machine.
                try host.set("2098-11-23T10:10:00Z")
            }),
        Case(
            name: "the worst comes first", options: "--pool-warning 10", code: 2,
            says: ["CRITICAL - policy shop: newest", "; data of pool"], prepare: { try await take($0, then: 10801) }),
        Case(
            name: "a damaged memory", code: 3, says: ["STILLPOINT UNKNOWN - ", "policies.json is damaged"],
            prepare: { host in
                try await take(host, then: 0)
                try Data("{".utf8).write(to: URL(fileURLWithPath: host.directory.string + "/state/policies.json"))
            }),
    ]

    /// A set of three days later, and the clock is right again: 11:10.
    private static func takeAhead(_ host: PolicyHost) async throws {
        try host.policy("shop", hourly)
        _ = await host.run("run")
        host.pass(3 * 86400)
        #expect(await host.run("run").code == .done)
        host.pass(3600 - 3 * 86400)
    }

    /// A set that is staged, and nobody who makes it.
    private static func leave(_ host: PolicyHost) async throws {
        host.host.inject(Fault(.engineDies, at: .first("freeze /a")))
        #expect(await host.run("create /a --name gone").code != .done)
        host.host.clearFaults()
        #expect(host.host.sets.map(\.state.rawValue) == ["staged"])
    }

    @Test("check", arguments: cases)
    func check(_ test: Case) async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        try await test.prepare(host)
        let before = host.host.state
        let run = await host.run("check \(test.options)")
        #expect(run.code.rawValue == test.code && run.messages.isEmpty, "\(run)")
        #expect(run.output.split(separator: "\n").count == 1 && run.output.hasPrefix("STILLPOINT "), "\(run)")
        for text in test.says { #expect(run.output.contains(text), "\(run)") }
        let programs = await host.run("check --output json \(test.options)")
        #expect(programs.code == run.code && programs.output.contains(#""exitCode":\#(test.code),"#), "\(programs)")
        #expect(host.host.state == before)
    }

    @Test("what a command that is at work has staged is not left over")
    func atWork() {
        var set = SnapshotSet.sample
        set.state = .staged
        var state = HostState(
            now: set.createdAt + 7200, policies: [], problems: [], memories: [:], sets: [set], pools: [],
            orphans: .success(0), idle: [])
        #expect(state.leftovers.count == 1)
        state.standing.isAtWork = true
        #expect(state.leftovers.isEmpty)
    }

    @Test("what prune deletes is counted, too")
    func pruned() async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        try host.policy("shop", Self.hourly)
        _ = await host.run("run")
        for _ in 1...3 {
            host.pass(3600)
            #expect(await host.run("run").code == .done)
        }
        try host.policy("shop", PolicyHost.hourly(keeping: 1))
        #expect(await host.run("prune").code == .done)
        #expect(
            await host.run("metrics").output.contains(#"stillpoint_snapshots_delete_completed_total{policy="shop"} 2"#))
    }

    @Test("limits that make no sense are UNKNOWN, on standard output, as monitoring plugins say it")
    func usage() async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        let words = ["--pool-warning 95", "--pool-warning 0", "--max-age 5", "--frob", "more", "--output xml"]
        for words in words {
            let run = await host.run("check " + words)
            #expect(run.code.rawValue == 3 && run.messages.isEmpty, "\(run)")
            #expect(run.output.hasPrefix("STILLPOINT UNKNOWN - "), "\(run)")
            #expect(run.output.split(separator: "\n").count == 1, "\(run)")
        }
        let run = await host.run("check --output json --frob")
        #expect(run.code.rawValue == 3 && run.output.contains(#""status":"UNKNOWN","exitCode":3"#), "\(run)")
    }
}
