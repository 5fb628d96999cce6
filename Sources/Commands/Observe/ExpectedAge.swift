import FoundationEssentials
import Lifecycle

/// How old the newest set of a policy may become before somebody has to look.
enum ExpectedAge {
    /// So many coming runs are looked at, of all schedules together: two weeks of one every five minutes.
    private static let runs = 4096
    /// And so far ahead: more than a year.
    private static let horizon: TimeInterval = 400 * 86400

    /// Seconds: twice the longest gap between coming runs, and DLM's hour. `nil` when fewer than two runs come.
    ///
    /// So one run may be missed, and even the next one may be late.
    static func limit(of policy: Policy, at now: Date) -> TimeInterval? {
        longestGap(policy.schedules.map(\.schedule), after: now).map { 2 * $0 + 3600 }
    }

    /// Any schedule's run makes a set of the policy.
    private static func longestGap(_ schedules: [Schedule], after now: Date) -> TimeInterval? {
        let end = now.addingTimeInterval(horizon)
        var next = schedules.map { $0.next(after: now) }
        var last: Date?
        var longest: TimeInterval?
        for _ in 0..<runs {
            guard let run = next.compactMap(\.self).min() else { break }
            if let last {
                longest = max(longest ?? 0, run.timeIntervalSince(last))
                if run > end { break }
            }
            last = run
            for index in next.indices where next[index] == run { next[index] = schedules[index].next(after: run) }
        }
        return longest
    }
}
