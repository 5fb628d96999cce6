/// One way to name days of a month. Weekdays count from 0 for Sunday to 6 for Saturday.
enum DayTerm: Sendable, Equatable {
    /// By number, from 1.
    case days(FieldSet)
    /// By number from the end: 1 is the last day (`L` of cron, `~01` of systemd).
    case daysFromEnd(FieldSet)
    /// `15W`: Monday to Friday, nearest to a day and in the same month; nothing where the month has no such day.
    case workdayNearest(Int)
    /// `LW`: the last Monday to Friday.
    case lastWorkday
    /// Each of these weekdays.
    case weekdays(FieldSet)
    /// `MON#2`: the second Monday; nothing where a month has too few.
    case nth(Int, weekday: Int)
    /// `6L`: the last Friday.
    case last(weekday: Int)

    /// The days of a month that it means.
    func days(in month: Month) -> FieldSet {
        let length = month.length
        switch self {
        case .days(let days): return days.intersection(FieldSet(1...length))
        case .daysFromEnd(let days): return FieldSet(days.values.map { length + 1 - $0 }.filter { $0 >= 1 })
        case .workdayNearest(let day):
            guard day <= length else { return FieldSet([]) }
            switch month.weekday(of: day) {
            case 0: return FieldSet([day < length ? day + 1 : day - 2])
            case 6: return FieldSet([day > 1 ? day - 1 : day + 2])
            default: return FieldSet([day])
            }
        case .lastWorkday: return DayTerm.workdayNearest(length).days(in: month)
        case .weekdays(let weekdays):
            let first = month.weekday(of: 1)
            var days = FieldSet([])
            for day in 1...length where weekdays.contains((first + day - 1) % 7) { days.insert(day) }
            return days
        case .nth(let count, let weekday):
            let day = 1 + (weekday - month.weekday(of: 1) + 7) % 7 + 7 * (count - 1)
            return FieldSet(day <= length ? [day] : [])
        case .last(let weekday): return FieldSet([length - (month.weekday(of: length) - weekday + 7) % 7])
        }
    }
}
