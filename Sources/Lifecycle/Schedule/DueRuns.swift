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

    /// Runs of one schedule that nothing was taken for within ``DueRuns/punctuality`` of their time.
    public struct Missed: Sendable, Equatable, Codable {
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
    ///   - handled: by schedule id, as an earlier call returned it; a schedule without one, or with another timing by
    ///     now, is new, and has nothing to catch up.
    ///   - now: any order of calls is safe, also after steps of the clock; see ``HandledRuns``.
    public init(policy: String, schedules: [Schedule], handled: [String: HandledRuns], now: Date) {
        let open = schedules.map { schedule in
            OpenRuns(
                schedule: schedule, policy: policy,
                handled: (handled[schedule.id] ?? HandledRuns(newAt: now)).followed(by: schedule, at: now), now: now)
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
    /// The latest one that is later than punctuality allows.
    var late: Date?

    init(schedule: Schedule, policy: String, handled: HandledRuns, now: Date) {
        self.schedule = schedule
        self.handled = handled
        guard var run = schedule.last(after: handled.through, through: now) else { return }
        if schedule.dueTime(of: run, policy: policy) > now {
            joining = Due(run: run, isLate: false, isTaken: true)
            guard let earlier = self.run(before: run) else { return }
            run = earlier
        }
        let isLate = schedule.dueTime(of: run, policy: policy).adding(DueRuns.punctuality) < now
        due = Due(run: run, isLate: isLate, isTaken: !isLate || schedule.missedRuns == .catchUp)
        late = lastLate(policy, now)
    }

    /// The latest run that is not handled and begins later than punctuality allows.
    private func lastLate(_ policy: String, _ now: Date) -> Date? {
        let limit = now.adding(.zero - DueRuns.punctuality)
        guard let run = schedule.last(after: handled.through, through: limit) else { return nil }
        // A delay ends before the next run begins, so that of the run before is over.
        return schedule.dueTime(of: run, policy: policy) < limit ? run : self.run(before: run)
    }

    private func run(before run: Date) -> Date? {
        schedule.last(after: handled.through, through: run.addingTimeInterval(-1))
    }

    /// What nothing was taken for in time, when `due` is dealt with. The set that is taken now is in time for all that
    /// are not late yet: runs that follow each other faster than `run` is called are none that were missed.
    func missed(before due: Due) -> DueRuns.Missed? {
        guard let last = due.isLate ? due.run : late, let first = schedule.next(after: handled.through) else {
            return nil
        }
        let runs = schedule.runs(from: first, through: last).prefix(DueRuns.countLimit)
        return DueRuns.Missed(
            schedule: schedule.id, count: runs.reduce(0) { count, _ in count + 1 }, first: first, last: last)
    }
}
