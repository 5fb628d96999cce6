public import FoundationEssentials
public import SetModel

// A set that was made while the clock was ahead would be the newest one until the clock gets there, and would push out
// each set that is made meanwhile. So it counts nowhere: it takes no rank, is the newest of nothing and no floor, and
// stays as it is until its time has come.

/// How far ahead of the clock the time of a set may lie.
enum AheadOfClock {
    /// An hour. A run decides by the time at which it began, and the sets that it takes itself are later, by as long as
    /// hooks take; small corrections of a clock change nothing either.
    static let tolerance: TimeInterval = 3600

    static func contains(_ createdAt: Date, at now: Date) -> Bool { createdAt > now + tolerance }
}

extension RetainedSet {
    /// It was made, as it says, later than now.
    public func isAhead(of now: Date) -> Bool { AheadOfClock.contains(createdAt, at: now) }
}

extension SnapshotSet {
    /// It was made, as it says, later than now: for nobody it is the newest one.
    public func isAhead(of now: Date) -> Bool { AheadOfClock.contains(createdAt, at: now) }
}
