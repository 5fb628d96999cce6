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
    /// What was done could not be written down: then failures cannot be counted, and do not stop what deletes.
    private var isForgetful = false
    /// The sets as they were before this call took any: each policy looks at its own.
    private var sets: [SnapshotSet]?

    /// - Parameter problems: of files that cannot be read.
    init(_ invocation: Invocation, _ policies: [Policy], problems: [String]) throws {
        runner = try invocation.runner(policies)
        lock = try invocation.policyLock()
        journal = try invocation.journal()
        memories = try journal.read()
        report = RunReport(problems: problems)
    }

    /// Whether something may stand still: whoever writes into the state directory could wait for it.
    var mayStand: Bool { report.error?.code == .stillFrozen }

    /// Makes sure, before anything is written, that nothing stands still of what a dead run left.
    ///
    /// - Throws: ``SnapshotError/Code/stillFrozen`` when something does all the same.
    func settle() async throws {
        try await Settling.settle(runner.service, journal, runner.progress)
        if journal.isSetAside { save() }
    }

    /// Takes a set now, whatever is due.
    ///
    /// - Parameter schedule: the id of the only one that it is to belong to; `nil`: all.
    func takeNow(_ policy: Policy, schedule: String?) async throws {
        let schedules = policy.schedules.filter { schedule == nil || $0.id == schedule }
        guard !schedules.isEmpty else {
            throw SnapshotError(.usage, "policy \(policy.id) has no schedule \(schedule ?? "")")
        }
        noteReturns()
        await take(policy, schedules)
        save()
    }

    /// Takes what is due. Policies that are in trouble come last: one for which something stands still ends the run.
    func takeDue() async {
        noteReturns()
        let inTrouble = runner.policies.filter { memories[$0.id]?.problem != nil }
        for policy in runner.policies.filter({ memories[$0.id]?.problem == nil }) + inTrouble {
            if Task.isCancelled || mayStand { return }
            if policy.state == .enabled {
                await takeDue(policy)
            } else {
                remember { memories[policy.id, default: PolicyMemory()].skipRuns(of: policy, through: runner.now) }
            }
        }
    }

    private func takeDue(_ policy: Policy) async {
        let before = memories[policy.id] ?? PolicyMemory()
        var handled = before.handled
        var due = due(policy, handled)
        var missedBefore: [DueRuns.Missed] = []
        if !due.set.isEmpty {
            do {
                // Nothing is taken that could not be remembered.
                try journal.write(memories)
            } catch {
                isForgetful = true
                report.failures.append((policy.id, SnapshotError(wrapping: error)))
                return
            }
            do {
                // A run that died may have taken its set already, or a person.
                let dealt = runner.handled(handled, of: policy, try await setsBefore())
                (handled, missedBefore) = (dealt.handled, dealt.missed)
                due = self.due(policy, handled)
            } catch {
                fail(policy, due, SnapshotError(wrapping: error))
                return
            }
        }
        due.set.removeAll { before.hasGivenUp($0) }
        let times = Dictionary(due.set.map { ($0.schedule, $0.time) }) { first, _ in first }
        let open = await take(policy, policy.schedules.filter { times[$0.id] != nil }, at: times)
        // What is open is told by the call that deals with it.
        let missed = missedBefore + due.missed.filter { !open.contains($0.schedule) }
        report.missed += missed.map { (policy.id, $0) }
        var memory = remembered(of: policy)
        for runs in missed { memory.noteMissed(runs) }
        memory.forgetTries { open.contains($0) || times[$0] == nil && handled[$0] != nil }
        // What failed is tried again by the next call, until it is late (DLM: within the hour).
        memory.handled = due.handled.filter { !open.contains($0.key) }
            .merging(handled.filter { open.contains($0.key) }) { first, _ in first }
        memories[policy.id] = memory
        if memory != before { save() }
    }

    /// Nobody can know what a policy has, so nothing is taken for it.
    private func fail(_ policy: Policy, _ due: DueRuns, _ error: SnapshotError) {
        report.failures.append((policy.id, error))
        guard error.code != .busy, error.code != .stillFrozen, !Task.isCancelled else { return }
        remember {
            var memory = remembered(of: policy)
            let runs = Dictionary(due.set.map { ($0.schedule, $0.time) }) { first, _ in first }
            memory.noteFailure(
                error, of: due.set.map(\.schedule), runs: runs,
                isRetry: due.set.allSatisfy { memory.isRetry($0.schedule, $0.time) }, hookAttempts: 0, at: runner.now)
            // It is one failure, and nothing was tried yet.
            for run in due.set { memory.noteTry(run.schedule, run.time, at: nil) }
            memories[policy.id] = memory
        }
    }

    /// Deletes what no rule wants any more.
    func prune(_ invocation: Invocation) async {
        // The clock is remembered in the state directory, too.
        guard !Task.isCancelled, !mayStand, !isForgetful else { return }
        do {
            runner.clockAhead = try invocation.clockAhead(remembering: true)
            let mayBePressed = runner.policies.contains { $0.retention.poolPressure != nil }
            var pressure = PressureWatch()
            while !Task.isCancelled, !mayStand, !isForgetful {
                let inventory = try await runner.service.inventory()
                noteGone(inventory.sets)
                let plan = try await runner.plan(memories, inventory)
                let deletion = await runner.prune(plan)
                report.deletion.add(deletion)
                remember { memories.count(deletion, of: plan, known: known) }
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

    /// Policies whose files were away begin where they are now.
    private func noteReturns() {
        remember {
            for policy in runner.policies { memories[policy.id]?.noteReturn(of: policy, at: runner.now) }
        }
    }

    /// The ids of all policies.
    private var known: Swift.Set<String> { Swift.Set(runner.policies.map(\.id)) }

    /// Writes down what `change` changes of the memories, if it does.
    private func remember(_ change: () -> Void) {
        let before = memories
        change()
        if memories != before { save() }
    }

    private func save() {
        let mayStand = mayStand
        do { try mayStand ? journal.setAside(memories) : journal.write(memories) } catch {
            isForgetful = true
            report.failures.append(("policies", SnapshotError(wrapping: error)))
        }
    }

    /// Whether there is something of policies, also of earlier calls, that no event has told of.
    var hasNews: Bool { !PolicyNews.all(of: memories).isEmpty }

    /// Tells of that, and gives sinks what they have not got yet.
    func tell(_ recorder: EventRecorder) {
        let news = PolicyNews.all(of: memories)
        let count = recorder.record(news.map(\.detail), runner.progress)
        remember { for item in news.prefix(count) { item.markTold(in: &memories) } }
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

    /// What is remembered of a policy; of one that is new, that it was seen now.
    private func remembered(of policy: Policy) -> PolicyMemory {
        var memory = memories[policy.id] ?? PolicyMemory()
        if memory.firstSeen == nil { memory.firstSeen = runner.now }
        memory.forgetTroubles(butOf: policy)
        return memory
    }

    private func due(_ policy: Policy, _ handled: [String: HandledRuns]) -> DueRuns {
        DueRuns(policy: policy, handled: handled, now: runner.now)
    }

    private func setsBefore() async throws -> [SnapshotSet] {
        if let sets { return sets }
        let inventory = try await runner.service.inventory()
        // What was given up half-way is no set, and another host's is none of this policy's.
        let found = inventory.sets.filter { $0.state != .staged && !inventory.unknown.contains($0.id) }
        sets = found
        return found
    }

    /// A set for each hook document, and one for all schedules where there is none. Those without join the first set that
    /// succeeds, or get one of their own: the hooks of one schedule are no reason to take nothing for another.
    ///
    /// - Parameter times: when the runs were to be, by schedule; none for a set that a person asked for.
    /// - Returns: the schedules for which something is still to be done.
    @discardableResult
    private func take(
        _ policy: Policy, _ schedules: [PolicySchedule], at times: [String: Date] = [:]
    ) async -> Swift.Set<String> {
        var memory = remembered(of: policy)
        let before = memory
        var takings: [PolicyTaking] = []
        var open = Swift.Set(schedules.map(\.id))
        var waiting = Swift.Set(schedules.filter { $0.scripts == nil }.map(\.id))
        for group in schedules.byScripts + [[]] {
            let ids = waiting.union(group.map(\.id))
            guard !ids.isEmpty else { continue }
            let isRetry = !times.isEmpty && ids.allSatisfy { memory.isRetry($0, times[$0]) }
            let taking = await take(policy, schedules.filter { ids.contains($0.id) }, isRetry: isRetry)
            takings.append(taking)
            for id in ids { memory.tries[id] = times[id].map(PolicyTries.init) }
            if taking.isOver {
                open.subtract(ids)
                waiting = []
            } else if case .skipped = taking.end {
                // What hooks skipped is not to be.
                open.subtract(group.map(\.id))
            } else if case .stopped = taking.end {
                break
            }
        }
        memory.tries = before.tries
        // A set that was taken does not hide another one that was not.
        let served = Swift.Set(takings.filter(\.isOver).flatMap(\.ids))
        for taking in takings where taking.isOver { taking.note(in: &memory, times: times, at: runner.now) }
        for taking in takings where !taking.isOver {
            taking.note(in: &memory, times: times, served: served, at: runner.now)
        }
        memory.countOneRun(after: before)
        memories[policy.id] = memory
        return open
    }

    /// One set for all of these schedules.
    private func take(_ policy: Policy, _ schedules: [PolicySchedule], isRetry: Bool) async -> PolicyTaking {
        let begin = ContinuousClock.now
        let end = await end(of: policy, schedules)
        var taking = PolicyTaking(
            schedules: schedules, end: end, isRetry: isRetry, seconds: (ContinuousClock.now - begin) / .seconds(1))
        if let error = taking.error { report.failures.append((policy.id, error)) }
        if !isRetry, !taking.isOver, !Task.isCancelled, !mayStand {
            taking.volumes = await runner.volumeCount(of: policy)
        }
        return taking
    }

    private func end(of policy: Policy, _ schedules: [PolicySchedule]) async -> PolicyTaking.End {
        var problem: SnapshotError
        do {
            let set = try await runner.take(policy, schedules)
            if let set { report.taken.append((policy.id, schedules.map(\.id), set)) }
            return .taken(set)
        } catch {
            problem = SnapshotError(wrapping: error)
        }
        switch problem.code {
        case .stillFrozen: return .stopped(problem)
        case _ where Task.isCancelled: return .stopped(problem)
        case .partial: return .partial(problem)
        case .hook: return .skipped(problem)
        // Of the policy's file, not of the command line.
        case .usage: problem.code = .refused
        default: break
        }
        return .failed(problem)
    }
}
