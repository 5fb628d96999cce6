import Events
import Foundation
import Hooks
import SetModel
import Simulation
import Snapshots
import SystemPackage
import Testing

@testable import Commands

/// What is told of what commands do, over simulated volumes.
struct EventCommandTests {
    private let hourly = PolicyHost.hourly(keeping: 1)

    private struct Events: Decodable {
        struct Event: Decodable {
            struct Detail: Decodable {
                var policyId: String?
                var setName: String?
                var state: String?
                var count: Int?
                var cause: String?
            }

            var sequence: Int
            var detailType: String
            var detail: Detail
        }

        var events: [Event]
    }

    private func events(_ host: PolicyHost) async throws -> [Events.Event] {
        let run = await host.run("events --output json")
        #expect(run.code == .done, "\(run)")
        return try JSONDecoder().decode(Events.self, from: Data(run.output.utf8)).events
    }

    @Test("sets, missed runs, and a policy that fails and works again")
    func all() async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        try host.policy("shop", hourly)
        _ = await host.run("run")
        host.pass(3600)
        #expect(await host.run("run").code == .done)
        host.pass(3 * 3600)
        #expect(await host.run("run").code == .done)
        try host.policy("shop", hourly, targets: "[/nowhere]")
        host.pass(3600)
        #expect(await host.run("run").code != .done)
        #expect(await host.run("run").code != .done)
        try host.policy("shop", hourly)
        #expect(await host.run("run").code == .done)
        #expect(await host.run("policy disable shop").code == .done)
        #expect(await host.run("policy disable shop").code == .done)
        let told = try await events(host)
        #expect(
            told.map { [$0.detailType, $0.detail.state ?? ""].joined(separator: " ") } == [
                "Set Created ", "Set Created ", "Set Deleted ", "Missed Runs ", "Policy State Change ERROR",
                "Set Created ", "Set Deleted ", "Policy State Change ENABLED", "Policy State Change DISABLED",
            ])
        #expect(told.allSatisfy { $0.detail.policyId == "shop" })
        #expect(told.map(\.sequence) == Array(1...9))
        #expect(told.first { $0.detailType == "Missed Runs" }?.detail.count == 2)
        #expect(
            told.first { $0.detailType == "Set Deleted" }?.detail.cause
                == "no longer wanted by hourly (count 1, last 1)")
        #expect(await host.run("events --count 1").output.contains("DISABLED"))
    }

    @Test(
        "a set that is complete with an error, and one that hooks skipped, are told of",
        arguments: [
            (.partial, true, ["pre success", "post failed", "created"]), (.hook, true, ["pre success", "post failed"]),
            (.failed, false, []), (.stillFrozen, true, []),
        ] as [(SnapshotError.Code, Bool, [String])])
    func inDoubt(code: SnapshotError.Code, hasSet: Bool, expected: [String]) async throws {
        var error = SnapshotError(code, "something")
        if hasSet {
            error.set = .sample
            error.set?.hooks = [
                HookResult(stage: .pre, attempt: 1, name: "lock", status: .succeeded),
                HookResult(stage: .post, attempt: 1, name: "unlock", status: .failed, exitCode: 1),
            ]
        }
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        let log = EventLog(directory: host.directory.appending("told"))
        let service = EventfulService(base: RecordingService(.init(error: error))) { EventRecorder(log) }
        let document = HookDocument(name: "shop", file: "/shop.yaml", format: .stillpoint)
        let request = CreateRequest(targets: ["/a"], hooks: HookRequest(document: document))
        await #expect(throws: SnapshotError.self) { try await service.create(request, progress: NoProgress()) }
        let told = try log.events().events.map { event in
            switch event.detail {
            case .prePostScript(let script): "\(script.scriptStage.rawValue) \(script.result.rawValue)"
            case .setCreated: "created"
            default: "\(event.detail.type)"
            }
        }
        #expect(told == expected)
    }

    @Test("of a long deletion that dies what was done before is told already, and the rest by recover, each once")
    func longDeletion() async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        for number in 1...40 { #expect(await host.run("create /a --name s\(number)").code == .done) }
        // 32 are deleted together; of the others the first has left the catalog.
        host.host.inject(Fault(.engineDies, at: .nth(2, "remove from catalog")))
        #expect(await host.run("delete --tag !x").code != .done)
        let before = try await events(host).filter { $0.detailType == "Set Deleted" }
        #expect(before.count == 32)
        #expect(await host.run("recover").code == .done)
        let told = try await events(host).filter { $0.detailType == "Set Deleted" }.compactMap(\.detail.setName)
        #expect(told.count == 40 && Set(told).count == 40)
    }

    @Test(
        "a deletion that died is told by whoever finishes it",
        arguments: [("recover", 0), ("create /b --name two", 1), ("reindex", 0), ("delete nobody", 0)])
    func finished(line: String, sets: Int) async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        #expect(await host.run("create /a --name one").code == .done)
        host.host.inject(Fault(.engineDies, at: .first("remove from catalog")))
        #expect(await host.run("delete one").code != .done)
        host.host.clearFaults()
        _ = await host.run(line)
        let told = try await events(host).map { "\($0.detailType) \($0.detail.setName ?? "")" }
        #expect(told == ["Set Created one", "Set Deleted one"] + (sets == 1 ? ["Set Created two"] : []))
    }

    @Test("each attempt at a stage is told of, with its times")
    func attempts() async throws {
        let begin = Date(timeIntervalSince1970: 1_795_411_031)
        func step(_ stage: HookStage, _ attempt: Int, _ status: HookResult.Status, at seconds: Double) -> HookResult {
            HookResult(
                stage: stage, attempt: attempt, name: "run", status: status, durationMs: 2000,
                startedAt: begin + seconds, timesOutAt: begin + seconds + 10)
        }
        var set = SnapshotSet.sample
        set.hooks = [
            step(.pre, 1, .failed, at: 0), step(.post, 1, .succeeded, at: 5), step(.pre, 2, .succeeded, at: 10),
            step(.pre, 2, .succeeded, at: 12), step(.hold, 2, .succeeded, at: 15), step(.post, 2, .timedOut, at: 20),
        ]
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        let log = EventLog(directory: host.directory.appending("told"))
        let service = EventfulService(base: RecordingService(.init(sets: [set]))) { EventRecorder(log) }
        let document = HookDocument(name: "shop", file: "/shop.yaml", format: .stillpoint)
        let request = CreateRequest(targets: ["/a"], hooks: HookRequest(document: document))
        _ = try await service.create(request, progress: NoProgress())
        let scripts = try log.events().events.compactMap { event -> PrePostScript? in
            if case .prePostScript(let script) = event.detail { script } else { nil }
        }
        let told = scripts.map { script in
            "\(script.attempt ?? 0) \(script.scriptStage.rawValue) \(script.result.rawValue)"
        }
        #expect(told == ["1 pre failed", "1 post success", "2 pre success", "2 post failed"])
        func times(_ seconds: [Double]) -> [Date?] { seconds.map { begin + $0 } }
        #expect(scripts.map(\.startTime) == times([0, 5, 10, 20]))
        #expect(scripts.map(\.endTime) == times([2, 7, 14, 22]))
        #expect(scripts.map(\.timeoutTime) == times([10, 15, 22, 30]))
    }

    @Test(
        "whose failsafe fired, and for which set",
        arguments: [
            (.partial, .hooks, "hooks: sample"), (.hook, .hooks, "hooks: none"), (.failed, .freeze, "freeze: none"),
            (.partial, nil, nil),
        ] as [(SnapshotError.Code, SnapshotError.Failsafe?, String?)])
    func failsafe(code: SnapshotError.Code, fired: SnapshotError.Failsafe?, expected: String?) async throws {
        var error = SnapshotError(code, "no set was taken", causes: ["post failed"])
        error.failsafe = fired
        error.set = .sample
        error.set?.name = "sample"
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        let log = EventLog(directory: host.directory.appending("told"))
        let service = EventfulService(base: RecordingService(.init(error: error))) { EventRecorder(log) }
        let document = HookDocument(name: "shop", file: "/shop.yaml", format: .stillpoint)
        let request = CreateRequest(targets: ["/a"], hooks: HookRequest(document: document))
        await #expect(throws: SnapshotError.self) { try await service.create(request, progress: NoProgress()) }
        let told = try log.events().events.compactMap { event -> String? in
            guard case .failsafeFired(let fired) = event.detail else { return nil }
            #expect(fired.executionHandler == "shop" && fired.cause == error.description)
            return "\(fired.failsafe.rawValue): \(fired.setName ?? "none")"
        }
        #expect(told == [expected].compactMap { $0 })
    }

    @Test("a sink gets everything once it works; while it does not, a person is told, and nothing fails")
    func sinks() async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        let folder = host.directory.string
        let script = "test -e \(folder)/open || { echo closed >&2; exit 1; }; cat >>\(folder)/told"
        try host.configure("events: {sinks: [{id: pager, command: [/bin/sh, -c, '\(script)']}]}\n")
        let run = await host.run("create /a --name one")
        #expect(run.code == .done && run.messages.contains("pager") && run.messages.contains("closed"), "\(run)")
        #expect(FileManager.default.createFile(atPath: folder + "/open", contents: nil))
        #expect(await host.run("create /a --name two").code == .done)
        let told = try String(contentsOfFile: folder + "/told", encoding: .utf8).split(separator: "\n")
        #expect(told.count == 2 && told[0].contains("one") && told[1].contains("two"), "\(told)")
    }

    @Test("a run for which nothing is due gives a sink what it has not got")
    func pending() async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        let folder = host.directory.string
        try host.configure(
            "events: {sinks: [{id: pager, command: [/bin/sh, -c, 'test -e \(folder)/open && cat >>\(folder)/told']}]}\n"
        )
        #expect(await host.run("create /a --name one").code == .done)
        #expect(await host.run("run").messages.contains("sink pager takes no events"))
        #expect(FileManager.default.createFile(atPath: folder + "/open", contents: nil))
        #expect(await host.run("run") == (.done, "", ""))
        let told = try String(contentsOfFile: folder + "/told", encoding: .utf8).split(separator: "\n")
        #expect(told.count == 1 && told[0].contains("one"), "\(told)")
        #expect(await host.run("metrics").output.contains(#"stillpoint_events_undelivered{sink="pager"} 0"#))
    }

    @Test(
        "settings that are wrong are refused, and name file and line",
        arguments: [
            "catalog: paper", "orphans: burn", "orphanAge: soon", "metrics: {textfile: here.prom}", "metrics: {}",
            "events: {sinks: [{id: x}]}", "events: {sinks: [{id: x, command: [sh]}]}", "catalogue: sqlite",
            "events: {sinks: [{id: x, webhook: 'ftp://x'}]}",
            "events: {sinks: [{id: x, webhook: 'http://x', command: [/x]}]}",
            "events: {sinks: [{id: x, webhook: 'http://x'}, {id: x, webhook: 'http://y'}]}",
        ])
    func settings(text: String) async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        try host.configure("# settings\n" + text + "\n")
        let run = await host.run("run")
        #expect(run.code == .refused && run.messages.contains("stillpoint.yaml:2"), "\(run)")
        #expect(host.host.state == (try PolicyHost(at: "2026-11-23T10:10:00Z")).host.state)
    }
}
