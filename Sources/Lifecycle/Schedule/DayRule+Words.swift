extension DayRule {
    /// From Sunday.
    static let weekdayNames = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]

    /// `on Monday to Friday`; `nil` for every day.
    var words: String? {
        switch self {
        case .calendar(let days): days.words
        case .every(1): nil
        case .every(7): "on Monday"
        case .every(let count): count % 7 == 0 ? "on Monday every \(count / 7) weeks" : "every \(count) days"
        }
    }
}

extension CalendarDays {
    private static let monthNames = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]

    /// `on day 1 of the month`; `nil` for every day.
    var words: String? {
        let inMonths = months == FieldSet(1...12) ? nil : Words.list(months.values) { Self.monthNames[$0 - 1] }
        func of(_ terms: [DayTerm]) -> String {
            // Weekdays alone recur each week; all else is counted within a month.
            let weekly = terms.allSatisfy { if case .weekdays = $0 { true } else { false } }
            let month = weekly ? inMonths.map { " in \($0)" } ?? "" : " of \(inMonths ?? "the month")"
            return "on " + Words.list(terms.map(\.words)) + month
        }
        let inYears = years.map { " in " + Words.list($0.sorted()) { "\($0)" } } ?? ""
        switch (dates.isEmpty, weekdays.isEmpty) {
        case (true, true):
            guard inMonths != nil || years != nil else { return nil }
            return "every day" + (inMonths.map { " of \($0)" } ?? "") + inYears
        case (false, true): return of(dates) + inYears
        case (true, false): return of(weekdays) + inYears
        case (false, false):
            let second = eitherSuffices ? " or " + of(weekdays) : " if that is " + Words.list(weekdays.map(\.words))
            return of(dates) + second + inYears
        }
    }
}

extension DayTerm {
    fileprivate var words: String {
        func day(_ weekday: Int) -> String { DayRule.weekdayNames[weekday] }
        func days(_ days: FieldSet) -> String {
            (days.values.count == 1 ? "day " : "days ") + Words.list(days.values) { "\($0)" }
        }
        switch self {
        case .days(let set): return days(set)
        case .daysFromEnd(FieldSet([1])): return "the last day"
        case .daysFromEnd(let set): return days(set) + " from the end"
        case .workdayNearest(let day): return "the working day nearest to day \(day)"
        case .lastWorkday: return "the last working day"
        case .weekdays(let set):
            // People begin the week on Monday.
            return Words.list(set.values.map { ($0 + 6) % 7 }.sorted()) { day(($0 + 1) % 7) }
        case .nth(let count, let weekday):
            return "the \(["first", "second", "third", "fourth", "fifth"][count - 1]) \(day(weekday))"
        case .last(let weekday): return "the last \(day(weekday))"
        }
    }
}
