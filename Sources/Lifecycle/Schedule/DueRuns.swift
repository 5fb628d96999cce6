public import Foundation

/// What one call of `run` has to do for one policy, and what it has to remember afterwards.
public struct DueRuns: Sendable, Equatable {
    /// A run that is due, and so a membership of the set that is taken now.
    public struct Run: Sendable, Equatable {
        public var schedule: String
        /// When it should have begun, without jitter.
        public var time: Date
        /// It begins later than ``DueRuns/punctuality`` allows.
        public var isCatchUp: Bool
    }

    /// Runs of one schedule that nothing was taken for at their time.
    public struct Missed: Sendable, Equatable {
        public var schedule: String
        /// Not counted beyond ``DueRuns/countLimit``.
        public var count: Int
        public var first: Date
        public var last: Date
    }

    /// The schedules to which one new set belongs, at most one run of each; empty when nothing is due.
    ///
    /// Whatever is due in one call shares one set: a snapshot shows the present, whichever run asked for it, so two
    /// taken in the same call would be the same. Schedules with coinciding times stay together also where their jitter
    /// differs: when one is due, runs of others whose time has come do not wait for the end of their own delay.
    public var set: [Run] = []
    /// To be recorded, whether or not they are caught up.
    public var missed: [Missed] = []
    /// By schedule id, to be stored once the runs have been dealt with.
    public var handled: [String: HandledRuns] = [:]

    /// How late a run may begin without being a missed one: DLM's hour.
    public static let punctuality = Duration.seconds(3600)
    /// Where counting of missed runs ends.
    public static let countLimit = 10_000

    /// Decides at an instant.
    ///
    /// - Parameters:
    ///   - handled: by schedule id, as an earlier call returned it; a schedule without one is new, and has nothing to
    ///     catch up.
    ///   - now: any order of calls is safe, also after steps of the clock; see ``HandledRuns``.
    public init(policy: String, schedules: [Schedule], handled: [String: HandledRuns], now: Date) {
        let open = schedules.map { schedule in
            OpenRuns(
                schedule: schedule, policy: policy,
                handled: handled[schedule.id]?.believed(at: now) ?? HandledRuns(newAt: now), now: now)
        }
        let isSetTaken = open.contains { $0.due?.isTaken == true }
        for runs in open {
            let due = isSetTaken ? runs.joining ?? runs.due : runs.due
            if let due, due.isTaken {
                set.append(Run(schedule: runs.schedule.id, time: due.run, isCatchUp: due.isLate))
            }
            if let due, let missed = runs.missed(before: due) { self.missed.append(missed) }
            var handled = runs.handled
            if let due { handled.through = due.run }
            self.handled[runs.schedule.id] = handled
        }
    }
}

/// The runs of one schedule between the last handled one and now.
private struct OpenRuns {
    struct Due {
        var run: Date
        var isLate: Bool
        var isTaken: Bool
    }

    let schedule: Schedule
    let handled: HandledRuns
    /// The latest run whose delay is over.
    var due: Due?
    /// A later one, still within its delay.
    var joining: Due?

    init(schedule: Schedule, policy: String, handled: HandledRuns, now: Date) {
        self.schedule = schedule
        self.handled = handled
        guard var run = schedule.last(after: handled.through, through: now) else { return }
        if schedule.dueTime(of: run, policy: policy) > now {
            joining = Due(run: run, isLate: false, isTaken: true)
            // A delay ends before the next run begins, so that of the run before is over.
            guard let earlier = schedule.last(after: handled.through, through: run.addingTimeInterval(-1)) else {
                return
            }
            run = earlier
        }
        let isLate = schedule.dueTime(of: run, policy: policy).adding(DueRuns.punctuality) < now
        due = Due(run: run, isLate: isLate, isTaken: !isLate || schedule.missedRuns == .catchUp)
    }

    /// What nothing was taken for at its time, when `due` is dealt with.
    func missed(before due: Due) -> DueRuns.Missed? {
        let end = due.isLate ? due.run : due.run.addingTimeInterval(-1)
        guard let first = schedule.next(after: handled.through), first <= end,
            let last = schedule.last(after: handled.through, through: end)
        else { return nil }
        let runs = schedule.runs(from: first, through: last).prefix(DueRuns.countLimit)
        return DueRuns.Missed(
            schedule: schedule.id, count: runs.reduce(0) { count, _ in count + 1 }, first: first, last: last)
    }
}
