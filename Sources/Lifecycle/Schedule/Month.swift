/// A month of the Gregorian calendar, from 1970 on.
struct Month {
    var year: Int
    /// 1 to 12.
    var number: Int

    init(year: Int, number: Int) {
        self.year = year
        self.number = number
    }

    /// The month of a day, which is counted from 1 January 1970.
    init(of day: Int) {
        // A little early, as years are shorter than 366 days; then forward to the right one.
        self.init(year: 1970 + day / 366, number: 1)
        while Month(year: year + 1, number: 1).firstDay <= day { year += 1 }
        while firstDay + length <= day { number += 1 }
    }

    var next: Month { number == 12 ? Month(year: year + 1, number: 1) : Month(year: year, number: number + 1) }

    /// Days of a common year that lie before each month.
    private static let daysBefore = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]

    private var isLeap: Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

    var length: Int { number == 2 ? (isLeap ? 29 : 28) : ([4, 6, 9, 11].contains(number) ? 30 : 31) }

    /// The number of its first day, counted from 1 January 1970.
    var firstDay: Int {
        let past = year - 1
        let leapDays = past / 4 - past / 100 + past / 400 - 477  // 477 of them before 1970.
        return (year - 1970) * 365 + leapDays + Self.daysBefore[number - 1] + (isLeap && number > 2 ? 1 : 0)
    }

    /// 0 for Sunday to 6 for Saturday; 1 January 1970 was a Thursday.
    func weekday(of day: Int) -> Int { (firstDay + day - 1 + 4) % 7 }
}
