public import FoundationEssentials
public import Lifecycle
public import SetModel

extension PolicyMemory {
    /// A set was taken, be it with an error: what was wrong before is over.
    ///
    /// - Parameters:
    ///   - set: `nil` when nothing more is known of it.
    ///   - hasFired: a failsafe did, and the set is there all the same.
    ///   - isRetry: what was begun earlier, and failed then.
    public mutating func noteSuccess(_ set: SnapshotSet?, hasFired: Bool = false, isRetry: Bool, at now: Date) {
        failures = 0
        problem = nil
        problemAt = nil
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
    ///   - isRetry: of a run that failed before. It is the same failure.
    ///   - volumes: how many it was for, where that is known.
    ///   - hookAttempts: how often `pre` is tried. An error that skips a set says that each of them failed;
    ///     what `post` did in them, and what hooks did for a set that failed after them, nobody tells.
    public mutating func noteFailure(
        _ error: SnapshotError, isRetry: Bool, volumes: Int = 0, hookAttempts: Int, at now: Date
    ) {
        problem = error.message
        problemAt = problemAt ?? now
        if !isRetry {
            failures += 1
            counters.creations.started += 1
            counters.resourcesTargeted += volumes
        }
        counters.creations.failed += 1
        if error.code == .hook { counters.preScripts.count(hookAttempts, succeeded: false) }
        if error.failsafe != nil { counters.failsafeFirings += 1 }
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
        handled = DueRuns(policy: policy, handled: handled, now: now).handled
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
