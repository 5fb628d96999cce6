extension Timing {
    /// A calendar expression of systemd.time(7): `Mon..Fri *-*-* 03:00`, `*:0/15`, `*-*~01 02:00 Europe/Berlin`, or
    /// one of the words `minutely hourly daily weekly monthly quarterly semiannually yearly annually`.
    ///
    /// Seconds other than 00 are refused, and years outside 1970 to 2199. Differs from systemd where clocks change;
    /// see ``Schedule``.
    public static func calendar(_ text: String) throws(ScheduleError) -> Timing {
        let expression = try CalendarExpression(parsing: text)
        return try Timing(text: text, zone: expression.zone, days: expression.days, times: expression.times)
    }
}

/// The parts of a calendar expression: weekdays, date, time and zone, all but one optional.
struct CalendarExpression {
    var days = CalendarDays()
    var times = TimesOfDay.midnight
    var zone: Zone?

    private static let names = [
        "minutely": "*-*-* *:*", "hourly": "*-*-* *:00", "daily": "*-*-* 00:00", "weekly": "Mon *-*-* 00:00",
        "monthly": "*-*-01 00:00", "quarterly": "*-01,04,07,10-01 00:00", "semiannually": "*-01,07-01 00:00",
        "semi-annually": "*-01,07-01 00:00", "yearly": "*-01-01 00:00", "annually": "*-01-01 00:00",
    ]

    private static let weekdays = ExpressionField.dayOfWeek(sunday: 0).with(rangeMark: "..")

    init(parsing text: String) throws(ScheduleError) {
        let misread = ScheduleError(
            "calendar expression", text,
            "write weekdays, date, time and time zone in this order, like Mon..Fri *-*-* 03:00 Europe/Berlin,"
                + " or one of \(Self.names.keys.sorted().joined(separator: " "))")
        var words = text.split(whereSeparator: \.isWhitespace).map(String.init)
        if words.count > 1, words.last?.first?.isLetter == true { zone = try Zone(named: words.removeLast()) }
        guard let first = words.first else { throw misread }
        if words.count == 1, first.allSatisfy({ $0.isLetter || $0 == "-" }), !Self.weekdays.knows(first) {
            guard let expression = Self.names[first.lowercased()] else { throw misread }
            words = expression.split(separator: " ").map(String.init)
        }
        if words.first?.first?.isLetter == true { try readWeekdays(words.removeFirst()) }
        if words.first?.contains(":") == false { try readDate(words.removeFirst()) }
        if words.first?.contains(":") == true { try readTime(words.removeFirst()) }
        guard words.isEmpty else { throw misread }
    }

    private mutating func readWeekdays(_ text: String) throws(ScheduleError) {
        days.weekdays = [.weekdays(FieldSet(try Self.weekdays.values(of: text)))]
    }

    /// `YEAR-MONTH-DAY` or `MONTH-DAY`; with `~` before the day it counts from the end of the month.
    private mutating func readDate(_ text: String) throws(ScheduleError) {
        func parts(_ text: String, _ mark: Character) -> [String] {
            text.split(separator: mark, omittingEmptySubsequences: false).map(String.init)
        }
        let halves = parts(text, "~")
        let date = parts(halves[0], "-") + halves.dropFirst()
        guard halves.count <= 2, (2...3).contains(date.count), let day = date.last else {
            throw ScheduleError("date", text, "write *-*-* (year-month-day), or *-*~01 for the last day of the month")
        }
        if date.count == 3, date[0] != "*" {
            days.years = Set(try ExpressionField.year.with(rangeMark: "..").values(of: date[0]))
        }
        days.months = FieldSet(try ExpressionField.month.with(rangeMark: "..").values(of: date[date.count - 2]))
        if day != "*" { days.dates = [try Self.dates(day, fromEnd: halves.count == 2)] }
    }

    private static func dates(_ text: String, fromEnd: Bool) throws(ScheduleError) -> DayTerm {
        let field = ExpressionField.dayOfMonth.with(rangeMark: "..")
        guard fromEnd else { return .days(FieldSet(try field.values(of: text))) }
        // Steps go towards the end of the month, as in `~07/1`, its last seven days.
        var days: [Int] = []
        for part in field.items(of: text) {
            let item = try field.item(part)
            let ends = [item.first, item.last ?? 1].sorted()
            days += stride(from: ends[1], through: ends[0], by: -item.step)
        }
        return .daysFromEnd(FieldSet(days))
    }

    private mutating func readTime(_ text: String) throws(ScheduleError) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard (2...3).contains(parts.count) else { throw ScheduleError("time", text, "write hour:minute, like 03:00") }
        guard parts.count == 2 || ["0", "00"].contains(parts[2]) else {
            throw ScheduleError("second", parts[2], "runs begin with the minute; write 00, or leave seconds out")
        }
        times = TimesOfDay(
            hours: FieldSet(try ExpressionField.hour.with(rangeMark: "..").values(of: parts[0])),
            minutes: FieldSet(try ExpressionField.minute.with(rangeMark: "..").values(of: parts[1])))
    }
}
