/// A field of a cron or calendar expression: what may stand in it, and how its numbers, ranges and steps are read.
struct ExpressionField: Sendable {
    /// For errors.
    var name: String
    var allowed: ClosedRange<Int>
    /// What `*` and an open end mean, where that is less than ``allowed``: cron's Sunday is both 0 and 7.
    var all: ClosedRange<Int>
    /// Words for numbers, in lower case.
    var words: [String: Int] = [:]
    /// Between the ends of a range.
    var rangeMark = "-"
    /// A range may run over the end, as in FRI-MON.
    var isCyclic = false
    /// What else is allowed, for errors.
    var special = ""

    init(_ name: String, _ allowed: ClosedRange<Int>, all: ClosedRange<Int>? = nil) {
        self.name = name
        self.allowed = allowed
        self.all = all ?? allowed
    }

    /// `*`, `*/2`, `3`, `3-5`, `3-5/2`, or `3/2`.
    struct Item {
        var first: Int
        /// The same as `first` for a single number; `nil` for an open end.
        var last: Int?
        var step = 1
    }

    /// The parts of a list.
    func items(of text: String) -> [String] {
        text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }

    /// All numbers that a list names.
    func values(of text: String) throws(ScheduleError) -> [Int] {
        var values: [Int] = []
        for part in items(of: text) { values += try self.values(ofItem: part) }
        return values
    }

    func values(ofItem text: String) throws(ScheduleError) -> [Int] {
        let item = try item(text)
        var last = item.last ?? all.upperBound
        if last < item.first {
            guard isCyclic else { throw error(text, "the range runs backwards") }
            last += all.count
        }
        // All of a cycle lies within `all`; the last number may be a second name of the first (cron's Sunday, 7).
        return stride(from: item.first, through: last, by: item.step).map { value in
            isCyclic ? (value - all.lowerBound) % all.count + all.lowerBound : value
        }
    }

    func item(_ text: String) throws(ScheduleError) -> Item {
        guard let slash = text.firstIndex(of: "/") else { return try range(text, openEnd: false) }
        var item = try range(String(text[..<slash]), openEnd: true)
        let longest = all.count - 1
        guard let step = Self.digits(text[text.index(after: slash)...]), (1...longest).contains(step) else {
            throw error(text, "a step goes from 1 to \(longest)")
        }
        item.step = step
        return item
    }

    private func range(_ text: String, openEnd: Bool) throws(ScheduleError) -> Item {
        if text == "*" { return Item(first: all.lowerBound, last: all.upperBound) }
        guard let mark = text.firstRange(of: rangeMark) else {
            let number = try number(text)
            return Item(first: number, last: openEnd ? nil : number)
        }
        return Item(
            first: try number(String(text[..<mark.lowerBound])), last: try number(String(text[mark.upperBound...])))
    }

    /// A number, or a word for one.
    func number(_ text: String) throws(ScheduleError) -> Int {
        if let number = words[text.lowercased()] { return number }
        guard let number = Self.digits(text) else { throw error(text, "this is no number") }
        guard allowed.contains(number) else { throw error(text, "this is out of range") }
        return number
    }

    /// Whether this is a word for a number.
    func knows(_ word: String) -> Bool { words[word.lowercased()] != nil }

    /// What is wrong, and what is allowed.
    func error(_ text: String, _ problem: String) -> ScheduleError {
        let short = words.filter { $0.key.count == 3 }.sorted { ($0.value, $0.key) < ($1.value, $1.key) }
        let named = short.isEmpty ? "" : " or " + short.map { $0.key.uppercased() }.joined(separator: " ")
        return ScheduleError(
            name, text,
            "\(problem); allowed are \(allowed.lowerBound) to \(allowed.upperBound)\(named), with * , \(rangeMark) /"
                + special)
    }

    /// `nil` for anything but one to four decimal digits.
    static func digits(_ text: some StringProtocol) -> Int? {
        guard (1...4).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int(text)
    }
}

extension ExpressionField {
    static let minute = ExpressionField("minute", 0...59)
    static let hour = ExpressionField("hour", 0...23)
    static let year = ExpressionField("year", CalendarDays.allYears)
    static let dayOfMonth = ExpressionField("day-of-month", 1...31)

    static var month: ExpressionField {
        var field = ExpressionField("month", 1...12)
        let names = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
        for (index, name) in names.enumerated() { field.words[name] = index + 1 }
        return field
    }

    /// - Parameter sunday: the number of Sunday, 0 or 1; 0 has the second name 7.
    static func dayOfWeek(sunday: Int) -> ExpressionField {
        var field = ExpressionField("day-of-week", sunday...7, all: sunday...sunday + 6)
        for (index, name) in DayRule.weekdayNames.enumerated() {
            field.words[name.lowercased()] = sunday + index
            field.words[String(name.lowercased().prefix(3))] = sunday + index
        }
        field.isCyclic = true
        return field
    }

    /// The same field with other ranges, `Mon..Fri`.
    func with(rangeMark: String) -> ExpressionField {
        var field = self
        field.rangeMark = rangeMark
        return field
    }

    /// The same field with more in it.
    func with(special: String) -> ExpressionField {
        var field = self
        field.special = special
        return field
    }
}
