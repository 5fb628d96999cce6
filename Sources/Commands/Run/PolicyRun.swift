import Events
import FoundationEssentials
import Lifecycle
import Metrics
import Policies
import SetModel
import Snapshots

/// One call of `run`: what is due is taken, and remembered at once; what rules let go is deleted.
actor PolicyRun {
    private(set) var report: RunReport
    private var runner: PolicyRunner
    private let journal: PolicyJournal
    /// Held as long as this lives.
    private let lock: RunLock
    private var memories: [String: PolicyMemory]
    /// As they were when this call began.
    private let memoriesBefore: [String: PolicyMemory]
    /// The sets as they were before this call took any: each policy looks at its own.
    private var sets: [SnapshotSet]?

    /// - Parameter problems: of files that cannot be read.
    init(_ invocation: Invocation, _ policies: [Policy], problems: [String]) throws {
        runner = try invocation.runner(policies)
        lock = try invocation.policyLock()
        journal = try invocation.journal()
        memories = try journal.read()
        memoriesBefore = memories
        report = RunReport(problems: problems)
    }

    /// Takes a set now, whatever is due.
    ///
    /// - Parameter schedule: the id of the only one that it is to belong to; `nil`: all.
    func takeNow(_ policy: Policy, schedule: String?) async throws {
        let schedules = policy.schedules.filter { schedule == nil || $0.id == schedule }
        guard !schedules.isEmpty else {
            throw SnapshotError(.usage, "policy \(policy.id) has no schedule \(schedule ?? "")")
        }
        await take(policy, schedules, isRetry: false)
        report.note("policies") { try journal.write(memories) }
    }

    /// Takes what is due.
    func takeDue() async {
        for policy in runner.policies where policy.state == .enabled && !Task.isCancelled { await takeDue(policy) }
    }

    private func takeDue(_ policy: Policy) async {
        let before = memories[policy.id] ?? PolicyMemory()
        var handled = before.handled
        var due = due(policy, handled)
        if !due.set.isEmpty {
            do {
                // Nothing is taken that could not be remembered; and a run that died may have taken its set already.
                try journal.write(memories)
                handled = runner.handled(handled, of: policy, try await setsBefore())
                due = self.due(policy, handled)
            } catch {
                report.failures.append((policy.id, SnapshotError(wrapping: error)))
                return
            }
        }
        // Begun by an earlier call, which failed.
        let isRetry = due.set.allSatisfy { run in before.problemAt.map { run.time <= $0 } ?? false }
        let open = await take(policy, Swift.Set(due.set.map(\.schedule)), isRetry: isRetry)
        // What is open is told by the call that deals with it.
        let missed = due.missed.filter { !open.contains($0.schedule) }
        report.missed += missed.map { (policy.id, $0) }
        var memory = remembered(of: policy)
        memory.counters.missedRuns += missed.reduce(0) { $0 + $1.count }
        // What failed is tried again by the next call, until it is late (DLM: within the hour).
        memory.handled = due.handled.filter { !open.contains($0.key) }
            .merging(handled.filter { open.contains($0.key) }) { first, _ in first }
        memories[policy.id] = memory
        guard memory != before else { return }
        report.note(policy.id) { try journal.write(memories) }
    }

    /// Deletes what no rule wants any more.
    func prune(_ invocation: Invocation) async {
        do {
            runner.clockAhead = try invocation.clockAhead(remembering: true)
            let mayBePressed = runner.policies.contains { $0.retention.poolPressure != nil }
            var pressure = PressureWatch()
            while !Task.isCancelled {
                let inventory = try await runner.service.inventory()
                noteGone(inventory.sets)
                let plan = try await runner.plan(memories, inventory)
                let deletion = await runner.prune(plan)
                count(deletion, of: plan)
                report.deletion.add(deletion)
                // What the end of a set frees nobody knows before: it is looked at again after each.
                guard mayBePressed, deletion.didAnything else { break }
                if let pool = pressure.poolWithoutRelief(plan) {
                    throw SnapshotError(
                        .partial,
                        "pool \(pool) is as full as before although sets of it were deleted: its space is not theirs;"
                            + " extend it")
                }
            }
        } catch {
            report.failures.append(("plan", SnapshotError(wrapping: error)))
        }
    }

    /// Remembers since when policies are gone that still have sets: not the age of the sets counts for them at first.
    private func noteGone(_ sets: [SnapshotSet]) {
        remember {
            for id in Swift.Set(sets.compactMap(\.policy)).union(memories.keys) {
                let isGone = !known.contains(id)
                if isGone == (memories[id]?.goneSince != nil) { continue }
                memories[id, default: PolicyMemory()].goneSince = isGone ? runner.now : nil
            }
        }
    }

    /// The ids of all policies.
    private var known: Swift.Set<String> { Swift.Set(runner.policies.map(\.id)) }

    /// Writes down what `change` changes of the memories, if it does.
    private func remember(_ change: () -> Void) {
        let before = memories
        change()
        guard memories != before else { return }
        report.note("policies") { try journal.write(memories) }
    }

    /// What is to be told of it, but for single sets.
    var events: [EventDetail] {
        let missed = report.missed.map { policy, runs in
            EventDetail.missedRuns(
                MissedRuns(
                    policyId: policy, scheduleId: runs.schedule, count: runs.count, firstTime: runs.first,
                    lastTime: runs.last))
        }
        let changes = memories.sorted { $0.key < $1.key }.compactMap { id, memory -> EventDetail? in
            let before = memoriesBefore[id]?.problem
            guard (memory.problem == nil) != (before == nil) else { return nil }
            let (state, cause) =
                memory.problem.map { (PolicyStateChange.State.error, $0) } ?? (.enabled, "a set was taken again")
            return .policyStateChange(PolicyStateChange(policyId: id, state: state, cause: cause))
        }
        return missed + changes
    }

    /// For node_exporter, when it is wanted.
    func writeMetrics(_ invocation: Invocation) async {
        guard let file = runner.configuration.metricsFile else { return }
        do {
            let state = try await HostState.read(invocation)
            try MetricsFile.write(MetricsText.prometheus.text(of: HostMetrics(state).families), to: file)
        } catch {
            report.failures.append(("metrics", SnapshotError(wrapping: error)))
        }
    }

    /// What was deleted, and what could not be, each for the policy whose set it was.
    private func count(_ deletion: DeletionReport, of plan: RetentionPlan) {
        let known = known
        let deleted = Swift.Set(deletion.deleted)
        let failed = Swift.Set(deletion.failures.all.map(\.set))
        remember {
            for decision in plan.decisions where decision.action == .delete || decision.action == .purge {
                let name = decision.set.name
                guard let id = decision.set.policy, known.contains(id), deleted.contains(name) || failed.contains(name)
                else { continue }
                memories[id, default: PolicyMemory()].counters.deletions.count(succeeded: deleted.contains(name))
            }
        }
    }

    /// What is remembered of a policy; of one that is new, that it was seen now.
    private func remembered(of policy: Policy) -> PolicyMemory {
        var memory = memories[policy.id] ?? PolicyMemory()
        if memory.firstSeen == nil { memory.firstSeen = runner.now }
        return memory
    }

    private func due(_ policy: Policy, _ handled: [String: HandledRuns]) -> DueRuns {
        DueRuns(policy: policy.id, schedules: policy.schedules.map(\.schedule), handled: handled, now: runner.now)
    }

    private func setsBefore() async throws -> [SnapshotSet] {
        if let sets { return sets }
        let found = try await runner.service.inventory().sets
        sets = found
        return found
    }

    /// One set for all schedules; when that fails, and not all have hooks, one for those without: the hooks of one are no
    /// reason to take nothing for another.
    ///
    /// - Returns: the schedules for which something is still to be done.
    private func take(_ policy: Policy, _ ids: Swift.Set<String>, isRetry: Bool) async -> Swift.Set<String> {
        let schedules = policy.schedules.filter { ids.contains($0.id) }
        guard !schedules.isEmpty else { return [] }
        let result = await take(policy, schedules, isRetry: isRetry)
        guard result != .taken else { return [] }
        let hooked = schedules.filter { $0.scripts != nil }
        let others = schedules.filter { $0.scripts == nil }
        // What hooks skipped is not to be.
        var open = result == .skipped ? [] : Swift.Set(hooked.map(\.id))
        if !hooked.isEmpty, !others.isEmpty, result != .interrupted,
            await take(policy, others, isRetry: isRetry) == .taken
        {
            return open
        }
        open.formUnion(others.map(\.id))
        return open
    }

    private enum Taking { case taken, skipped, failed, interrupted }

    /// - Parameter isRetry: an earlier call began it.
    @discardableResult
    private func take(_ policy: Policy, _ schedules: [PolicySchedule], isRetry: Bool) async -> Taking {
        var memory = remembered(of: policy)
        defer { memories[policy.id] = memory }
        let begin = ContinuousClock.now
        var problem: SnapshotError
        do {
            let set = try await runner.take(policy, schedules)
            // A default policy that has nothing to do.
            guard let set else { return .taken }
            memory.failures = 0
            memory.problem = nil
            memory.problemAt = nil
            report.taken.append((policy.id, schedules.map(\.id), set))
            memory.lastRunSeconds = (ContinuousClock.now - begin) / .seconds(1)
            memory.noteSuccess(set, isRetry: isRetry, at: runner.now)
            return .taken
        } catch {
            problem = SnapshotError(wrapping: error)
        }
        // Of the policy's file, not of the command line.
        if problem.code == .usage { problem.code = .refused }
        report.failures.append((policy.id, problem))
        if Task.isCancelled { return .interrupted }
        // Another command at work says nothing about the policy.
        guard problem.code != .busy else { return .failed }
        memory.lastRunSeconds = (ContinuousClock.now - begin) / .seconds(1)
        // It is there, although not all of it is as it should be.
        if problem.code == .partial {
            memory.noteSuccess(problem.set, isRetry: isRetry, at: runner.now)
            return .taken
        }
        let scripts = schedules.compactMap(\.scripts).first
        memory.noteFailure(problem, isRetry: isRetry, hookAttempts: (scripts?.retries ?? 0) + 1, at: runner.now)
        return problem.code == .hook ? .skipped : .failed
    }
}
