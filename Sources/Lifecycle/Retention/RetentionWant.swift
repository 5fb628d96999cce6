import FoundationEssentials
import SetModel

/// A schedule that wants a set, and the part of its rule that does.
public struct RetentionWant: Sendable, Equatable, CustomStringConvertible {
    /// The schedule's id.
    public var schedule: String
    public var part: RetainPart

    public var description: String { "\(schedule) (\(part))" }
}

extension RetentionPolicy {
    /// For each set who wants it, in the order of the schedules. A set that several schedules made takes a place in
    /// each of them, and goes when none wants it.
    ///
    /// - Parameter sets: All sets of the policy, newest first.
    func wants(_ sets: [RetainedSet], _ clock: AgeClock) -> [[RetentionWant]] {
        var wants = Array(repeating: [RetentionWant](), count: sets.count)
        var candidates: [String: [Int]] = [:]
        for (position, set) in sets.enumerated() where set.isRanked(at: clock.now) {
            for schedule in set.schedules { candidates[schedule, default: []].append(position) }
        }
        for schedule in schedules {
            let all = candidates[schedule.id] ?? []
            let whole = all.filter { sets[$0].state == .complete }
            var rankings = [(positions: whole, of: SetState.complete)]
            if whole.count < all.count { rankings.append((all, .degraded)) }
            let calendar = Calendar.retention(in: schedule.timeZone)
            for ranking in rankings {
                let instants = ranking.positions.map { sets[$0].createdAt }
                let parts = schedule.rule.parts(wanting: instants, by: calendar, clock)
                for (position, parts) in zip(ranking.positions, parts) where sets[position].state == ranking.of {
                    wants[position] += parts.filter { !isSettled($0, for: sets[position]) }
                        .map { RetentionWant(schedule: schedule.id, part: $0) }
                }
            }
        }
        return wants
    }

    /// The set goes by the expiry that it was given, not by the age of today.
    private func isSettled(_ part: RetainPart, for set: RetainedSet) -> Bool {
        recompute == .new && set.expiresAt != nil && part.isAge
    }
}

extension RetainedSet {
    /// It has a rank among the sets of its schedules. Without volumes it has none: it would take the place of one
    /// that has them. Neither has one that is ahead of the clock.
    fileprivate func isRanked(at now: Date) -> Bool {
        purgeAt == nil && !volumesGone && !isAhead(of: now) && (state == .complete || state == .degraded)
    }
}
