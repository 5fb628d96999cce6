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
        let lock = try invocation.policyLock()
        defer { lock.release() }
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
            report.note("policies") { try journal.write(memories) }
        } else {
            // As it was before this call took anything: each policy looks at its own sets.
            var sets: [SnapshotSet]?
            for policy in entries.map(\.policy) where policy.state == .enabled && !Task.isCancelled {
                await runDue(policy, runner, &memories, &sets, &report, journal)
            }
        }
        // A policy that cannot be read may want what no other does.
        if problems.isEmpty, !Task.isCancelled {
            do {
                let plan = try await runner.plan(entries.map(\.policy), failures: memories.mapValues(\.failures))
                report.deletion = await runner.prune(plan)
            } catch {
                report.failures.append(("plan", SnapshotError(wrapping: error)))
            }
        }
        return Outcome(report, error: report.error)
    }

    private func runDue(
        _ policy: Policy, _ runner: PolicyRunner, _ memories: inout [String: PolicyMemory],
        _ sets: inout [SnapshotSet]?, _ report: inout RunReport, _ journal: PolicyJournal
    ) async {
        let before = memories[policy.id] ?? PolicyMemory()
        var handled = before.handled
        func decide() -> DueRuns {
            DueRuns(policy: policy.id, schedules: policy.schedules.map(\.schedule), handled: handled, now: runner.now)
        }
        var due = decide()
        if !due.set.isEmpty {
            do {
                // Nothing is taken that could not be remembered; and a run that died may have taken its set already.
                try journal.write(memories)
                let known = if let sets { sets } else { try await runner.service.inventory().sets }
                sets = known
                handled = runner.handled(handled, of: policy, known)
                due = decide()
            } catch {
                report.failures.append((policy.id, SnapshotError(wrapping: error)))
                return
            }
        }
        report.missed += due.missed.map { (policy.id, $0) }
        let open = await take(policy, Swift.Set(due.set.map(\.schedule)), runner, &memories, &report)
        var memory = memories[policy.id] ?? before
        // What failed is tried again by the next call, until it is late (DLM: within the hour).
        memory.handled = due.handled.filter { !open.contains($0.key) }
            .merging(handled.filter { open.contains($0.key) }) { first, _ in first }
        memories[policy.id] = memory
        guard memory != before else { return }
        report.note(policy.id) { try journal.write(memories) }
    }

    /// One set for all schedules; when that fails, and not all have hooks, one for those without: the hooks of one are no
    /// reason to take nothing for another.
    ///
    /// - Returns: the schedules for which something is still to be done.
    private func take(
        _ policy: Policy, _ ids: Swift.Set<String>, _ runner: PolicyRunner,
        _ memories: inout [String: PolicyMemory], _ report: inout RunReport
    ) async -> Swift.Set<String> {
        let schedules = policy.schedules.filter { ids.contains($0.id) }
        guard !schedules.isEmpty else { return [] }
        let result = await take(policy, schedules, runner, &memories, &report)
        guard result != .taken else { return [] }
        let hooked = schedules.filter { $0.scripts != nil }
        let others = schedules.filter { $0.scripts == nil }
        // What hooks skipped is not to be.
        var open = result == .skipped ? [] : Swift.Set(hooked.map(\.id))
        if !hooked.isEmpty, !others.isEmpty, result != .interrupted,
            await take(policy, others, runner, &memories, &report) == .taken
        {
            return open
        }
        open.formUnion(others.map(\.id))
        return open
    }

    private enum Taking { case taken, skipped, failed, interrupted }

    @discardableResult
    private func take(
        _ policy: Policy, _ schedules: [PolicySchedule], _ runner: PolicyRunner,
        _ memories: inout [String: PolicyMemory], _ report: inout RunReport
    ) async -> Taking {
        var memory = memories[policy.id] ?? PolicyMemory()
        defer { memories[policy.id] = memory }
        var problem: SnapshotError
        do {
            report.taken.append((policy.id, schedules.map(\.id), try await runner.take(policy, schedules)))
            memory.failures = 0
            memory.problem = nil
            memory.problemAt = nil
            return .taken
        } catch {
            problem = SnapshotError(wrapping: error)
        }
        // Of the policy's file, not of the command line.
        if problem.code == .usage { problem.code = .refused }
        report.failures.append((policy.id, problem))
        if Task.isCancelled { return .interrupted }
        // It is there, although not all of it is as it should be.
        if problem.code == .partial { return .taken }
        // Another command at work says nothing about the policy.
        guard problem.code != .busy else { return .failed }
        memory.failures += 1
        memory.problem = problem.message
        memory.problemAt = runner.now
        return problem.code == .hook ? .skipped : .failed
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

    /// Does what must not keep the rest from being told.
    mutating func note(_ what: String, _ body: () throws -> Void) {
        do { try body() } catch { failures.append((what, SnapshotError(wrapping: error))) }
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
