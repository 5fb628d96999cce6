/// Runs at times of day, as a clock on the wall shows them.
///
/// When clocks change, what Vixie cron does:
/// * Fixed times run once each: one that does not exist at the end of the gap (together with all others in the gap),
///   one that occurs twice at its first occurrence.
/// * Times that come at least once in every hour follow real time: they run whenever the wall shows one of them, so
///   nothing is made up for an hour that did not pass, and an hour that passes twice has its runs twice.
///
/// Hours with a step (`*/2`) are fixed times: in real time, 02:30 would be left out in spring and doubled in autumn.
struct WallClock: Sendable, Equatable {
    var days: DayRule
    var times: TimesOfDay

    /// The first run later than an instant.
    func next(after instant: Int, in zone: Zone) -> Int? {
        if times.areHourly { return firstShown(from: instant + 1, in: zone) }
        return firstWall(atOrAfter: zone.latestWall(through: instant) + 1).map(zone.firstInstant(of:))
    }

    private func firstWall(atOrAfter wall: Int) -> Int? {
        let today = wall / Zone.day
        guard let day = days.first(atOrAfter: today) else { return nil }
        if day > today { return day * Zone.day + times.minutes[0] * 60 }
        if let time = times.first(atOrAfter: wall % Zone.day) { return today * Zone.day + time }
        return days.first(atOrAfter: today + 1).map { $0 * Zone.day + times.minutes[0] * 60 }
    }

    /// The first instant at which the wall shows one of the times.
    private func firstShown(from start: Int, in zone: Zone) -> Int? {
        var start = start
        while true {
            let offset = zone.offset(at: start)
            guard let wall = firstWall(atOrAfter: start + offset) else { return nil }
            let found = wall - offset
            let near = min(found, start + Zone.day)
            if let change = zone.change(after: start, through: near) {
                start = change
            } else if found == near {
                return found
            } else {
                // Far away: go there, but stay before any change that could bring it nearer.
                start = max(near, found - 2 * Zone.day)
            }
        }
    }
}
