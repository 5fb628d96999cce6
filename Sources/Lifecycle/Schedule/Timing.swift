/// When a schedule runs, as somebody wrote it: cron, a calendar expression, or an interval.
///
/// Made by ``cron(_:)``, ``calendar(_:)``, ``interval(_:unit:times:)`` and ``every(_:)``.
public struct Timing: Sendable, Equatable {
    /// As it was written.
    public let text: String
    /// The zone that a calendar expression ends with.
    public let zone: Zone?
    let recurrence: Recurrence

    init(text: String, zone: Zone? = nil, _ recurrence: Recurrence) {
        self.text = text
        self.zone = zone
        self.recurrence = recurrence
    }

    /// Days and times from an expression, which may turn out to mean no day at all.
    init(text: String, zone: Zone? = nil, days: CalendarDays, times: TimesOfDay) throws(ScheduleError) {
        guard days.first(atOrAfter: 0) != nil else {
            let (first, last) = (CalendarDays.allYears.lowerBound, CalendarDays.allYears.upperBound)
            throw ScheduleError(
                "expression", text,
                "it can never fire: from \(first) to \(last) nothing comes \(days.words ?? "")")
        }
        self.init(text: text, zone: zone, .wallClock(WallClock(days: .calendar(days), times: times)))
    }
}
