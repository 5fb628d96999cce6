import Foundation

/// Between instants and what a clock on the wall shows.
///
/// Both are whole seconds. An instant counts from 1970 in UTC; a wall time is what that count would be if the zone
/// were UTC, so that a day has 86,400 seconds and begins at a multiple of them.
extension Zone {
    static let day = 86400

    /// Seconds that the wall is ahead of UTC.
    func offset(at instant: Int) -> Int {
        timeZone.secondsFromGMT(for: Date(timeIntervalSince1970: TimeInterval(instant)))
    }

    /// The first instant with a new offset; `nil` when none lies there.
    ///
    /// Spans are two days at most, and no zone changed twice within two days since 1970.
    func change(after start: Int, through end: Int) -> Int? {
        let before = offset(at: start)
        guard offset(at: end) != before else { return nil }
        var (old, new) = (start, end)
        while new - old > 1 {
            let middle = old + (new - old) / 2
            if offset(at: middle) == before { old = middle } else { new = middle }
        }
        return new
    }

    /// The instant of a wall time: the first one if there are two, the end of the gap if there is none.
    ///
    /// Never decreases as the wall time grows.
    func firstInstant(of wall: Int) -> Int {
        // Offsets lie between -12 and +14 hours, so a change that matters is less than a day away.
        let (start, end) = (wall - Self.day, wall + Self.day)
        let before = wall - offset(at: start)
        guard let change = change(after: start, through: end), before >= change else { return before }
        return max(change, wall - offset(at: end))
    }

    /// The latest wall time that was shown up to an instant: clocks that were just set back showed later ones.
    func latestWall(through instant: Int) -> Int {
        let wall = instant + offset(at: instant)
        guard let change = change(after: instant - Self.day, through: instant) else { return wall }
        return max(wall, change - 1 + offset(at: change - 1))
    }
}
