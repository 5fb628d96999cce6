public import FoundationEssentials
public import Lifecycle
public import SetModel

extension PolicyMemory {
    /// A set was taken, be it with an error: what was wrong with its schedules before is over.
    ///
    /// - Parameters:
    ///   - set: `nil` when nothing more is known of it.
    ///   - schedules: the ids of those that it belongs to.
    ///   - hasFired: a failsafe did, and the set is there all the same.
    ///   - isRetry: what was begun earlier, and failed then.
    public mutating func noteSuccess(
        _ set: SnapshotSet?, of schedules: [String], hasFired: Bool = false, isRetry: Bool, at now: Date
    ) {
        endTroubles(of: schedules)
        lastSuccess = now
        if !isRetry {
            counters.creations.started += 1
            counters.resourcesTargeted += set?.memberCount ?? 0
        }
        counters.creations.completed += 1
        if hasFired { counters.failsafeFirings += 1 }
        guard let set else { return }
        lastFrozenWindowMs = set.frozenWindowMs
        counters.count(set.hooks)
    }

    /// No set was taken.
    ///
    /// - Parameters:
    ///   - schedules: the ids of those that go without.
    ///   - runs: when their runs were to be, by schedule: one that failed before is the same failure.
    ///   - byHand: a person asked for it, and tries again at will: schedules whose runs are far ahead have not failed.
    ///   - isRetry: all of it failed before.
    ///   - volumes: how many it was for, where that is known.
    ///   - hookAttempts: how often `pre` is tried, where the error does not tell what hooks did: one that skips a set
    ///     says that each of them failed.
    public mutating func noteFailure(
        _ error: SnapshotError, of schedules: [String], runs: [String: Date] = [:], byHand: Bool = false, isRetry: Bool,
        volumes: Int = 0, hookAttempts: Int, at now: Date
    ) {
        for id in schedules {
            var trouble = troubles[id] ?? PolicyTrouble(problem: "", since: now)
            trouble.problem = error.message
            let failedBefore = runs[id].map { self.isRetry(id, $0) } ?? false
            if !isRetry, !failedBefore, !byHand { trouble.failures += 1 }
            troubles[id] = trouble
        }
        if !isRetry {
            counters.creations.started += 1
            counters.resourcesTargeted += volumes
        }
        counters.creations.failed += 1
        let steps = error.set?.hooks ?? []
        if steps.isEmpty, error.code == .hook { counters.preScripts.count(hookAttempts, succeeded: false) }
        counters.count(steps)
        if error.failsafe != nil { counters.failsafeFirings += 1 }
    }

    /// Nothing was to be taken: what went wrong before is over.
    public mutating func noteNothingToDo(of schedules: [String]) { endTroubles(of: schedules) }

    private mutating func endTroubles(of schedules: [String]) {
        for id in schedules + [PolicyTrouble.unknownSchedule] { troubles[id] = nil }
    }

    /// Whether it was this run of a schedule that failed before.
    public func isRetry(_ schedule: String, _ run: Date?) -> Bool { tries[schedule]?.run == run }

    /// Nothing was taken for a run.
    ///
    /// - Parameter now: `nil`: nothing could be tried.
    public mutating func noteTry(_ schedule: String, _ run: Date, at now: Date?) {
        if !isRetry(schedule, run) { tries[schedule] = PolicyTries(run: run) }
        if let now { tries[schedule]?.note(now) }
    }

    /// A run that is late, and that was tried in vain over an hour, is one that was missed: DLM tries for an hour, too.
    public func hasGivenUp(_ run: DueRuns.Run) -> Bool {
        guard run.isCatchUp, let tries = tries[run.schedule], tries.run == run.time else { return false }
        return tries.seconds > Double(DueRuns.punctuality.components.seconds)
    }

    /// Forgets what was tried, but for these schedules.
    public mutating func forgetTries(butOf isOpen: (String) -> Bool) {
        tries = tries.filter { isOpen($0.key) }
    }

    /// What passed while a policy was disabled is neither missed nor caught up.
    public mutating func skipRuns(of policy: Policy, through now: Date) {
        tries = [:]
        handled = DueRuns(policy: policy, handled: handled, now: now).handled.mapValues { runs in
            var runs = runs
            runs.expectedAfter = runs.through
            return runs
        }
    }

    /// Its file is there again. What passed while it was away is neither missed nor caught up, unless that was so short
    /// that its runs are not late yet.
    public mutating func noteReturn(of policy: Policy, at now: Date) {
        guard let since = goneSince else { return }
        goneSince = nil
        if now.timeIntervalSince(since) > Double(DueRuns.punctuality.components.seconds) {
            skipRuns(of: policy, through: now)
        }
    }

    /// Runs were missed. Until an event has told of them they are one with those that were missed before.
    public mutating func noteMissed(_ runs: DueRuns.Missed) {
        counters.missedRuns += runs.count
        guard var told = untold[runs.schedule] else {
            untold[runs.schedule] = runs
            return
        }
        told.count += runs.count
        told.first = min(told.first, runs.first)
        told.last = max(told.last, runs.last)
        untold[runs.schedule] = told
    }
}

extension DueRuns {
    /// What has to be done for a policy at an instant, enabled or not.
    public init(policy: Policy, handled: [String: HandledRuns], now: Date) {
        self.init(policy: policy.id, schedules: policy.schedules.map(\.schedule), handled: handled, now: now)
    }
}

extension PolicyCounters {
    /// What the steps of a set's hook document did. An attempt has failed when one of its steps has.
    mutating func count(_ steps: [HookResult]) {
        for attempt in steps.attempts(at: .pre) { preScripts.count(succeeded: attempt.failure == nil) }
        for attempt in steps.attempts(at: .post) { postScripts.count(succeeded: attempt.failure == nil) }
    }
}
