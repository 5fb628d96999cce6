extension Timing {
    /// What an interval is counted in; ``hours`` is DLM's only one.
    public enum IntervalUnit: String, Sendable, CaseIterable {
        case minutes = "MINUTES"
        case hours = "HOURS"
        case days = "DAYS"
        case weeks = "WEEKS"
    }

    /// DLM's interval: at a time of day and every so many hours after it, by the clock on the wall.
    ///
    /// Hours are DLM's 1, 2, 3, 4, 6, 8, 12 or 24; minutes any number that divides a day. Days (to 364) and weeks (to
    /// 52) are counted from Monday, 5 January 1970, so that they depend neither on the start of a program nor on the
    /// last run.
    ///
    /// - Parameter times: `hh:mm`; midnight when there is none. Hours and minutes take one, as in DLM, days and weeks
    ///   any number.
    public static func interval(_ count: Int, unit: IntervalUnit, times: [String] = []) throws(ScheduleError) -> Timing
    {
        guard unit.allows(count) else {
            throw ScheduleError(
                "interval", "\(count)", "allowed with \(unit.rawValue) are \(unit.allowed); every: takes any length")
        }
        let isWithinDay = unit == .minutes || unit == .hours
        guard !isWithinDay || times.count <= 1 else {
            throw ScheduleError(
                "times", times.joined(separator: " "), "with \(unit.rawValue) there is one time, from which they count")
        }
        let starts = times.isEmpty ? [0] : try times.map(minuteOfDay)
        let minutes = count * unit.minutes
        let clock =
            isWithinDay
            ? WallClock(days: .every(1), times: TimesOfDay(every: minutes, from: starts[0]))
            : WallClock(days: .every(minutes / 1440), times: TimesOfDay(starts))
        let text = "every \(count) \(unit.rawValue)" + (times.isEmpty ? "" : " at " + times.joined(separator: ", "))
        return Timing(text: text, .wallClock(clock))
    }

    private static func minuteOfDay(_ text: String) throws(ScheduleError) -> Int {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1].utf8.count == 2, let hour = ExpressionField.digits(parts[0]),
            let minute = ExpressionField.digits(parts[1]), hour < 24, minute < 60
        else { throw ScheduleError("times", text, "write hh:mm, from 00:00 to 23:59") }
        return hour * 60 + minute
    }

    /// Real time between runs: `15m`, `90m`, `6h`, `2d` or `1w`, from a minute to 52 weeks.
    ///
    /// Runs do not drift, and do not depend on when a program was started:
    /// * What divides a day counts from each midnight of the schedule's zone, so that runs keep round times.
    /// * Whole days are midnights of the zone, counted from Monday, 5 January 1970.
    /// * All else counts from that Monday, 00:00 UTC.
    public static func every(_ text: String) throws(ScheduleError) -> Timing {
        let units = ["m": 1, "h": 60, "d": 1440, "w": 10080]
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int(digits), let unit = units[String(text.dropFirst(digits.count))] else {
            throw ScheduleError("every", text, "write a whole number and one of m, h, d, w, like 15m")
        }
        guard (1...52 * 10080 / unit).contains(number) else {
            throw ScheduleError("every", text, "allowed are 1m to 52w")
        }
        let minutes = number * unit
        let text = "every \(text)"
        if minutes % 1440 == 0 {
            return Timing(text: text, .wallClock(WallClock(days: .every(minutes / 1440), times: .midnight)))
        }
        return Timing(text: text, 1440 % minutes == 0 ? .sinceMidnight(minutes * 60) : .sinceOrigin(minutes * 60))
    }
}

extension Timing.IntervalUnit {
    fileprivate var minutes: Int {
        switch self {
        case .minutes: 1
        case .hours: 60
        case .days: 1440
        case .weeks: 10080
        }
    }

    fileprivate func allows(_ count: Int) -> Bool {
        switch self {
        case .minutes: (1...1440).contains(count) && 1440 % count == 0
        case .hours: [1, 2, 3, 4, 6, 8, 12, 24].contains(count)
        case .days: (1...364).contains(count)
        case .weeks: (1...52).contains(count)
        }
    }

    fileprivate var allowed: String {
        switch self {
        case .minutes: "the numbers that divide a day, 1440"
        case .hours: "1, 2, 3, 4, 6, 8, 12 and 24"
        case .days: "1 to 364"
        case .weeks: "1 to 52"
        }
    }
}
