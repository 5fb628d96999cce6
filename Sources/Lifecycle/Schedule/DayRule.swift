/// On which days something happens. Days are counted from 1 January 1970, in the schedule's zone.
enum DayRule: Sendable, Equatable {
    case calendar(CalendarDays)
    /// Every so many days, counted from ``origin``.
    case every(Int)

    /// Monday, 5 January 1970: whole weeks begin on a Monday.
    static let origin = 4

    func first(atOrAfter day: Int) -> Int? {
        switch self {
        case .calendar(let days): days.first(atOrAfter: day)
        case .every(let step): max(0, (day - Self.origin + step - 1) / step) * step + Self.origin
        }
    }
}

/// Days by date and weekday.
struct CalendarDays: Sendable, Equatable {
    /// EventBridge's years.
    static let allYears = 1970...2199

    /// Dates within the month; empty for any.
    var dates: [DayTerm] = []
    /// Days of the week; empty for any.
    var weekdays: [DayTerm] = []
    /// A day that is in one of both suffices, as in Vixie cron when both are restricted.
    var eitherSuffices = false
    var months = FieldSet(1...12)
    /// `nil` for all.
    var years: Set<Int>?

    /// Goes from month to month, and over years in one step.
    func first(atOrAfter day: Int) -> Int? {
        var month = Month(of: day)
        var least = day - month.firstDay + 1
        while month.year <= Self.allYears.upperBound {
            if let years, !years.contains(month.year) {
                month = Month(year: month.year + 1, number: 1)
            } else {
                if months.contains(month.number), let found = days(in: month).first(atOrAfter: least) {
                    return month.firstDay + found - 1
                }
                month = month.next
            }
            least = 1
        }
        return nil
    }

    private func days(in month: Month) -> FieldSet {
        func union(_ terms: [DayTerm]) -> FieldSet? {
            guard let first = terms.first else { return nil }
            return terms.dropFirst().reduce(first.days(in: month)) { $0.union($1.days(in: month)) }
        }
        guard let byDate = union(dates) else { return union(weekdays) ?? FieldSet(1...month.length) }
        guard let byWeekday = union(weekdays) else { return byDate }
        return eitherSuffices ? byDate.union(byWeekday) : byDate.intersection(byWeekday)
    }
}
