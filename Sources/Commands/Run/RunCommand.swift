import ArgumentParser
import FoundationEssentials
import Lifecycle
import Policies
import SetModel
import Snapshots

/// `stillpoint run [POLICY [--schedule ID]]`
struct RunCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Do what is due now for all policies; with a policy, take a set of it now.",
        discussion: """
            What cron or a timer calls. Safe at any time and as often as you like: a run is done once. Sets that no
            rule wants any more are deleted afterwards.
            """)

    @Argument(help: "Take a set of this policy now, whatever is due.")
    var policy: String?

    @Option(help: "Only for this schedule of the policy.")
    var schedule: String?

    @OptionGroup var console: ConsoleOptions

    func validate() throws {
        if schedule != nil, policy == nil { throw ValidationError("--schedule goes with a policy.") }
    }

    func perform(_ invocation: Invocation) async throws -> Outcome {
        let folder = try invocation.policies()
        let runner = try invocation.runner()
        let lock = try invocation.lock("policies.lock")
        defer { withExtendedLifetime(lock) {} }
        let journal = try invocation.journal()
        var memories = try journal.read()
        let (entries, problems) = try PolicyLoading.all(folder)
        var report = RunReport(problems: problems)
        if let policy {
            let chosen = try PolicyLoading.entries([policy], in: folder)[0].policy
            let schedules = chosen.schedules.filter { schedule == nil || $0.id == schedule }
            guard !schedules.isEmpty else {
                throw SnapshotError(.usage, "policy \(policy) has no schedule \(schedule ?? "")")
            }
            await take(chosen, schedules, runner, &memories, &report)
            try journal.write(memories)
        } else {
            for policy in entries.map(\.policy) where policy.state == .enabled {
                try await runDue(policy, runner, &memories, &report, journal)
            }
        }
        if problems.isEmpty {
            let plan = try await runner.plan(entries.map(\.policy), failures: memories.mapValues(\.failures))
            report.deletion = await runner.prune(plan)
        }
        return Outcome(report, error: report.error)
    }

    private func runDue(
        _ policy: Policy, _ runner: PolicyRunner, _ memories: inout [String: PolicyMemory],
        _ report: inout RunReport, _ journal: PolicyJournal
    ) async throws {
        var memory = memories[policy.id] ?? PolicyMemory()
        let due = DueRuns(
            policy: policy.id, schedules: policy.schedules.map(\.schedule), handled: memory.handled, now: runner.now)
        report.missed += due.missed.map { (policy.id, $0) }
        var isHandled = true
        if !due.set.isEmpty {
            let ids = Swift.Set(due.set.map(\.schedule))
            isHandled = await take(policy, policy.schedules.filter { ids.contains($0.id) }, runner, &memories, &report)
            memory = memories[policy.id] ?? memory
        }
        // What failed is tried again by the next call, until it is late (DLM: within the hour).
        guard isHandled, memory.handled != due.handled else { return try journal.write(memories) }
        memory.handled = due.handled
        memories[policy.id] = memory
        try journal.write(memories)
    }

    /// - Returns: whether nothing more is to be done for these runs.
    @discardableResult
    private func take(
        _ policy: Policy, _ schedules: [PolicySchedule], _ runner: PolicyRunner,
        _ memories: inout [String: PolicyMemory], _ report: inout RunReport
    ) async -> Bool {
        var memory = memories[policy.id] ?? PolicyMemory()
        defer { memories[policy.id] = memory }
        let problem: SnapshotError
        do {
            report.taken.append((policy.id, schedules.map(\.id), try await runner.take(policy, schedules)))
            memory.failures = 0
            memory.problem = nil
            memory.problemAt = nil
            return true
        } catch {
            problem = SnapshotError(wrapping: error)
        }
        report.failures.append((policy.id, problem))
        // It is there, although not all of it is as it should be.
        if problem.code == .partial { return true }
        memory.failures += 1
        memory.problem = problem.message
        memory.problemAt = runner.now
        // Its hooks say that there should be none.
        return problem.code == .hook
    }
}

/// What a run did.
struct RunReport: Report {
    var taken: [(policy: String, schedules: [String], set: SnapshotSet)] = []
    var missed: [(policy: String, runs: DueRuns.Missed)] = []
    var failures: [(policy: String, error: SnapshotError)] = []
    var deletion = DeletionReport()
    /// Of files that cannot be read.
    var problems: [String] = []

    var json: [(key: String, value: JSON)] {
        [
            (
                "taken",
                .array(
                    taken.map { policy, schedules, set in
                        .object([
                            ("policy", .string(policy)), ("schedules", .strings(schedules)),
                            ("set", .string(set.name)), ("id", .string(set.id)),
                            ("consistency", .string(set.consistency?.rawValue)),
                        ])
                    })
            ),
            (
                "missed",
                .array(
                    missed.map { policy, runs in
                        .object([
                            ("policy", .string(policy)), ("schedule", .string(runs.schedule)),
                            ("count", .integer(Int64(runs.count))), ("first", .string(Words.time(runs.first))),
                            ("last", .string(Words.time(runs.last))),
                        ])
                    })
            ), ("deleted", .strings(deletion.deleted)), ("problems", .strings(problems)),
        ]
    }

    var table: [Line] {
        taken.map { .text("\($0.policy): took \($0.set.name) for \($0.schedules.joined(separator: ", "))") }
            + missed.map { policy, runs in
                .text(
                    "\(policy): \(Words.count(runs.count, "run")) of \(runs.schedule) missed,"
                        + " \(Words.time(runs.first)) to \(Words.time(runs.last))")
            } + deletion.deleted.map { .text("deleted \($0)") }
    }

    var emptyHint: String { "Nothing is due." }

    /// The one failure, or all of them.
    var error: SnapshotError? {
        let all =
            failures.map { ($0.policy, $0.error) } + (deletion.error.map { [("prune", $0)] } ?? [])
            + problems.map { ("policies", SnapshotError(.refused, $0)) }
        guard let (first, error) = all.first else { return nil }
        let isPartial = all.count > 1 || !taken.isEmpty || !deletion.deleted.isEmpty
        var summary = SnapshotError(isPartial ? .partial : error.code, "\(first): \(error.message)")
        if all.contains(where: { $0.1.code == .stillFrozen }) { summary.code = .stillFrozen }
        summary.causes = error.causes + all.dropFirst().flatMap { ["\($0.0): \($0.1.message)"] + $0.1.causes }
        summary.undoFailures = all.flatMap(\.1.undoFailures)
        return summary
    }
}
