import Foundation
import Hooks
import SetModel
import Simulation
import Snapshots
import Synchronization
import Testing

@testable import Commands

/// A policy whose sets are taken with a hook document.
struct PolicyHookTests {
    /// What was asked of a document, and what it answers.
    private final class Script: Sendable {
        /// Attempts at `pre` that fail before one succeeds.
        private let failures: Int
        private let asked = Mutex<[String]>([])

        init(failures: Int) { self.failures = failures }

        var log: [String] { asked.withLock { $0 } }

        func note(_ text: String) { asked.withLock { $0.append(text) } }

        func fails(_ attempt: Int) -> Bool { attempt <= failures }
    }

    private struct Session: Quiescing {
        let plan: HookPlan
        let script: Script

        func quiesce(attempt: Int) async -> HookReport {
            script.note("pre \(attempt)")
            let fails = script.fails(attempt)
            var steps = plan.pre.map {
                HookResult(stage: .pre, attempt: attempt, name: $0.id, status: fails ? .failed : .succeeded)
            }
            if fails { steps += post(attempt) }
            return HookReport(steps: steps, isQuiesced: !fails, isClean: !fails)
        }

        func release(consistency: Consistency?) async -> HookReport {
            script.note("post \(consistency?.rawValue ?? "-")")
            return HookReport(steps: post(1))
        }

        func end() async {}

        private func post(_ attempt: Int) -> [HookResult] {
            plan.post.map { HookResult(stage: .post, attempt: attempt, name: $0.id, status: .succeeded) }
        }
    }

    private let document = """
        parameters: {port: 5432}
        pre: [{id: rest, shell: "psql -p $HOOK_port"}]
        post: [{id: run, shell: "true"}]

        """

    private func host(
        _ scripts: String, failures: Int = 0
    ) throws -> (host: PolicyHost, script: Script) {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        let script = Script(failures: failures)
        try host.hooks("db", document) { plan in
            script.note("plan \(plan.pre.count) \(plan.post.count) \(plan.stageLimitMs)")
            return Session(plan: plan, script: script)
        }
        try host.policy(
            "shop", "- {id: hourly, create: {every: 1h}, retain: {count: 3}, scripts: {hooks: db\(scripts)}}")
        return (host, script)
    }

    @Test("a document that works makes sets application-consistent, with its time limit and its parameters")
    func works() async throws {
        let (host, script) = try host(", timeout: 90s, parameters: {port: 5433}")
        _ = await host.run("run")
        host.pass(3600)
        let run = await host.run("run")
        #expect(run.code == .done, "\(run)")
        #expect(script.log == ["plan 1 1 90000", "pre 1", "post application"])
        #expect(host.host.sets.map(\.consistency) == [.application])
        let metrics = await host.run("metrics").output
        for line in ["pre_script_completed_total", "post_script_completed_total"] {
            #expect(metrics.contains("stillpoint_\(line){policy=\"shop\"} 1\n"), "\(metrics)")
        }
        #expect(host.host.violations.isEmpty)
    }

    @Test(
        "stages, retries, and what becomes of the set when hooks fail",
        arguments: [
            (", stages: [pre]", 0, ["plan 1 1 10000", "pre 1", "post application"], ["application"], .done),
            (
                ", retries: 2", 2, ["plan 1 1 10000", "pre 1", "pre 2", "pre 3", "post application"], ["application"],
                .done
            ),
            (", retries: 1", 2, ["plan 1 1 10000", "pre 1", "pre 2"], ["filesystem"], .done),
            (", onFailure: skip", 1, ["plan 1 1 10000", "pre 1"], [], .hook),
        ] as [(String, Int, [String], [String], ExitCode)])
    func settings(scripts: String, failures: Int, log: [String], sets: [String], code: ExitCode) async throws {
        let (host, script) = try host(scripts, failures: failures)
        _ = await host.run("run")
        host.pass(3600)
        let run = await host.run("run")
        #expect(run.code == code, "\(run)")
        #expect(script.log == log)
        #expect(host.host.sets.compactMap(\.consistency?.rawValue) == sets)
        // A run that hooks skipped is over.
        #expect(await host.run("run") == (.done, "", ""))
        #expect(await host.run("policy list").output.contains("ERROR") == (code != .done))
        let failed = await host.run("metrics").output
        #expect(failed.contains("stillpoint_pre_script_failed_total{policy=\"shop\"} \(failures)\n"), "\(failed)")
        #expect(host.host.violations.isEmpty)
    }
}
