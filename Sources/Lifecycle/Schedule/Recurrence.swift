/// When runs take place, apart from the zone. All times are whole seconds since 1970.
enum Recurrence: Sendable, Equatable {
    case wallClock(WallClock)
    /// Real time from each midnight of the zone; seconds that divide a day. When clocks change, the last step of the
    /// day is shorter or others are added: runs are never further apart.
    case sinceMidnight(Int)
    /// Real time from ``origin``, whatever clocks do.
    case sinceOrigin(Int)

    /// Monday, 5 January 1970, in UTC: a fixed moment, so that no run depends on when a program was started.
    static let origin = DayRule.origin * Zone.day

    /// The first run later than an instant.
    func next(after instant: Int, in zone: Zone) -> Int? {
        switch self {
        case .wallClock(let clock): return clock.next(after: instant, in: zone)
        case .sinceMidnight(let step):
            let today = zone.latestWall(through: instant) / Zone.day
            let midnight = zone.firstInstant(of: today * Zone.day)
            let tomorrow = zone.firstInstant(of: (today + 1) * Zone.day)
            return min(midnight + ((instant - midnight) / step + 1) * step, tomorrow)
        case .sinceOrigin(let step):
            guard instant >= Self.origin else { return Self.origin }
            return Self.origin + ((instant - Self.origin) / step + 1) * step
        }
    }
}

extension Recurrence {
    /// With the zone where it matters.
    func words(in zone: Zone) -> String {
        switch self {
        case .wallClock(let clock):
            let times = clock.times.words
            guard let days = clock.days.words else {
                if clock.times.areHourly { return times }
                return times + (times.hasPrefix("at") ? " every day" : "") + ", \(zone.name)"
            }
            return "\(times) \(days), \(zone.name)"
        case .sinceMidnight(let step):
            let every = Words.every(minutes: step / 60)
            return step <= 3600 ? every : "\(every) from midnight, \(zone.name)"
        case .sinceOrigin(let step): return Words.every(minutes: step / 60)
        }
    }
}
