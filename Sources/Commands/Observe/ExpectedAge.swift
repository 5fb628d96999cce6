import FoundationEssentials
import Lifecycle

/// How old the newest set of a policy may become before somebody has to look.
enum ExpectedAge {
    /// DLM's hour, in which a run is not late yet.
    private static let grace: TimeInterval = 3600
    /// So far ahead gaps are looked for, and so far back the last run: more than a year.
    private static let year: TimeInterval = 400 * 86400
    /// Gaps of hours come again every week.
    private static let weeks: TimeInterval = 15 * 86400

    /// For whoever knows nothing of schedules, as an alert rule: the longest gap between runs, DLM's hour, and how long
    /// runs may be delayed, in seconds. `nil` when no run comes.
    ///
    /// So the first run that takes nothing is told of an hour after its time, where gaps are alike. A schedule of which no
    /// set is expected yet counts only then.
    static func limit(of policy: Policy, at now: Date, _ handled: [String: HandledRuns] = [:]) -> TimeInterval? {
        // Any schedule's run makes a set of the policy.
        let schedules = policy.schedules.map(\.schedule).filter { schedule in
            handled[schedule.id]?.notExpected(at: now) == nil || due(schedule, at: now, handled) != nil
        }
        let jitter = schedules.map { $0.jitter / .seconds(1) }.max() ?? 0
        return longestGap(schedules, at: now).map { $0 + grace + jitter }
    }

    /// The last run that should have its set by now: DLM's hour and what it may be delayed by are over. `nil`: there was
    /// none for a year, or since the schedules are what they are.
    ///
    /// - Parameter handled: by schedule id, what `run` remembers.
    static func due(of policy: Policy, at now: Date, _ handled: [String: HandledRuns] = [:]) -> Date? {
        policy.schedules.compactMap { due($0.schedule, at: now, handled) }.max()
    }

    private static func due(_ schedule: Schedule, at now: Date, _ handled: [String: HandledRuns]) -> Date? {
        let latest = now.addingTimeInterval(-grace - schedule.jitter / .seconds(1))
        let begin = max(latest.addingTimeInterval(-year), handled[schedule.id]?.notExpected(at: now) ?? .distantPast)
        return schedule.last(after: begin, through: latest)
    }

    /// Whether there is a run to come.
    static func comesAgain(_ policy: Policy, after now: Date) -> Bool {
        policy.schedules.contains { $0.schedule.next(after: now) != nil }
    }

    /// From the last run on, which the newest set should be of.
    private static func longestGap(_ schedules: [Schedule], at now: Date) -> TimeInterval? {
        let past = schedules.compactMap { $0.last(after: now.addingTimeInterval(-year), through: now) }.max()
        guard let begin = past ?? next(schedules, after: now), let nearby = longestNearby(schedules, begin) else {
            return nil
        }
        // The next months, at first for gaps of months, then for shorter ones: most schedules have thousands of runs
        // in that time, and nobody need look at each. Within the grace no gap matters.
        var least = year / 2
        while true {
            least = max(least, nearby, grace)
            if let gap = longest(schedules, above: least, from: begin) { return gap }
            guard least > max(nearby, grace) else { return nearby }
            least /= 4
        }
    }

    /// Among a few runs; `nil` without two.
    private static func longestNearby(_ schedules: [Schedule], _ begin: Date) -> TimeInterval? {
        var run = begin
        var longest: TimeInterval?
        for _ in 0..<64 {
            guard run.timeIntervalSince(begin) < year, let following = next(schedules, after: run) else { break }
            longest = max(longest ?? 0, following.timeIntervalSince(run))
            run = following
        }
        return longest
    }

    /// The longest gap that is longer than `least`; `nil`: there is none.
    private static func longest(
        _ schedules: [Schedule], above least: TimeInterval, from begin: Date
    ) -> TimeInterval? {
        let end = begin.addingTimeInterval(least < 12 * 3600 ? weeks : year)
        var longest = least
        var run = begin
        while run < end {
            // From a run to any other that is not further away there is no such gap: most of the way is one step.
            var ahead = longest / 2
            while true {
                let following = next(schedules, after: run.addingTimeInterval(ahead))
                if let following, following.timeIntervalSince(run) <= longest {
                    run = following
                    break
                }
                guard ahead == 0 else {
                    ahead = ahead > 1 ? ahead / 2 : 0
                    continue
                }
                guard let following else { return longest > least ? longest : nil }
                longest = following.timeIntervalSince(run)
                run = following
                break
            }
        }
        return longest > least ? longest : nil
    }

    private static func next(_ schedules: [Schedule], after instant: Date) -> Date? {
        schedules.compactMap { $0.next(after: instant) }.min()
    }
}
