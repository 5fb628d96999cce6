extension Timing {
    /// A cron expression, in one of two languages:
    /// * `cron(minute hour day-of-month month day-of-week year)`, that of EventBridge and so of DLM: `, - * /`
    ///   everywhere, `? L LW 15W` for the day of the month, `? L 6L MON#2` for the day of the week, where 1 to 7 are
    ///   Sunday to Saturday. Exactly one of both days is `?`.
    /// * `minute hour day-of-month month day-of-week`, that of crontab(5): 0 and 7 are Sunday, and where both days are
    ///   restricted (do not begin with `*`) either suffices. Also `@hourly @daily @midnight @weekly @monthly @yearly
    ///   @annually`.
    ///
    /// Names of months and days may be written in any case. Differs from DLM in that it may run more often than once
    /// an hour, and in the schedule's zone; see ``Schedule`` for what happens when clocks change.
    ///
    /// - Throws: what cannot be read, or can never fire, such as 30 February.
    public static func cron(_ text: String) throws(ScheduleError) -> Timing {
        let expression = try CronExpression(parsing: text)
        return try Timing(
            text: text, days: expression.days, times: TimesOfDay(hours: expression.hours, minutes: expression.minutes))
    }
}

/// The fields of a cron expression.
struct CronExpression {
    var minutes: FieldSet
    var hours: FieldSet
    var days: CalendarDays

    private static let names = [
        "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0",
        "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *",
    ]

    init(parsing text: String) throws(ScheduleError) {
        if text.lowercased().hasPrefix("cron("), text.hasSuffix(")") {
            try self.init(eventBridge: Self.fields(String(text.dropFirst(5).dropLast()), 6, text))
        } else if text.hasPrefix("@") {
            guard let expression = Self.names[text.lowercased()] else {
                throw ScheduleError(
                    "cron", text, "there is no such name; known are \(Self.names.keys.sorted().joined(separator: " "))")
            }
            try self.init(parsing: expression)
        } else {
            try self.init(crontab: Self.fields(text, 5, text))
        }
    }

    private static func fields(_ words: String, _ count: Int, _ text: String) throws(ScheduleError) -> [String] {
        let fields = words.split(whereSeparator: \.isWhitespace).map(String.init)
        guard fields.count == count else {
            throw ScheduleError(
                "cron", text,
                "it has \(fields.count) fields; write minute hour day-of-month month day-of-week (5 fields),"
                    + " or the same and a year in cron(...) (6 fields)")
        }
        return fields
    }

    private init(_ fields: [String]) throws(ScheduleError) {
        minutes = FieldSet(try ExpressionField.minute.values(of: fields[0]))
        hours = FieldSet(try ExpressionField.hour.values(of: fields[1]))
        days = CalendarDays()
        days.months = FieldSet(try ExpressionField.month.values(of: fields[3]))
    }

    private init(crontab fields: [String]) throws(ScheduleError) {
        try self.init(fields)
        let weekdays = ExpressionField.dayOfWeek(sunday: 0)
        if fields[2] != "*" { days.dates = [.days(FieldSet(try ExpressionField.dayOfMonth.values(of: fields[2])))] }
        if fields[4] != "*" { days.weekdays = [.weekdays(FieldSet(try weekdays.values(of: fields[4])))] }
        days.eitherSuffices = !fields[2].hasPrefix("*") && !fields[4].hasPrefix("*")
    }

    private init(eventBridge fields: [String]) throws(ScheduleError) {
        try self.init(fields)
        guard (fields[2] == "?") != (fields[4] == "?") else {
            throw ScheduleError(
                "day-of-month and day-of-week", "\(fields[2]) \(fields[4])",
                "exactly one of both has to be ?")
        }
        if fields[2] != "?", fields[2] != "*" { days.dates = try Self.dates(fields[2]) }
        if fields[4] != "?", fields[4] != "*" { days.weekdays = try Self.weekdays(fields[4]) }
        if fields[5] != "*" { days.years = Set(try ExpressionField.year.values(of: fields[5])) }
    }

    private static func dates(_ text: String) throws(ScheduleError) -> [DayTerm] {
        let field = ExpressionField.dayOfMonth.with(special: " L LW and 15W")
        var terms: [DayTerm] = []
        var numbers: [Int] = []
        for item in field.items(of: text) {
            switch item.uppercased() {
            case "L": terms.append(.daysFromEnd(FieldSet([1])))
            case "LW": terms.append(.lastWorkday)
            case let word where word.hasSuffix("W"):
                terms.append(.workdayNearest(try field.number(String(item.dropLast()))))
            default: numbers += try field.values(ofItem: item)
            }
        }
        return numbers.isEmpty ? terms : [.days(FieldSet(numbers))] + terms
    }

    private static func weekdays(_ text: String) throws(ScheduleError) -> [DayTerm] {
        let field = ExpressionField.dayOfWeek(sunday: 1).with(special: " L 6L and MON#2")
        var terms: [DayTerm] = []
        var numbers: [Int] = []
        for item in field.items(of: text) {
            if item.uppercased() == "L" {
                numbers.append(7)
            } else if item.uppercased().hasSuffix("L") {
                terms.append(.last(weekday: try field.number(String(item.dropLast())) - 1))
            } else if let mark = item.firstIndex(of: "#") {
                let weekday = try field.number(String(item[..<mark])) - 1
                guard let count = ExpressionField.digits(item[item.index(after: mark)...]), (1...5).contains(count)
                else {
                    throw field.error(item, "the number after # goes from 1 to 5")
                }
                terms.append(.nth(count, weekday: weekday))
            } else {
                numbers += try field.values(ofItem: item)
            }
        }
        return numbers.isEmpty ? terms : [.weekdays(FieldSet(numbers.map { $0 - 1 }))] + terms
    }
}
