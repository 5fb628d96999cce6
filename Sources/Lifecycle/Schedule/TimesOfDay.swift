/// At which minutes of its days something happens.
struct TimesOfDay: Sendable, Equatable {
    /// Minutes since midnight, at least one, ascending.
    let minutes: [Int]
    /// They come at least once in every hour, all day: then runs follow real time when clocks change.
    let areHourly: Bool

    static let midnight = TimesOfDay([0])

    init(_ minutes: some Sequence<Int>) {
        self.minutes = Set(minutes).sorted()
        areHourly = zip(self.minutes, self.minutes.dropFirst() + [self.minutes[0] + 1440]).allSatisfy { $1 - $0 <= 60 }
    }

    init(hours: FieldSet, minutes: FieldSet) {
        let minutes = minutes.values
        self.init(hours.values.flatMap { hour in minutes.map { hour * 60 + $0 } })
    }

    /// From a start, over midnight and up to a day later.
    init(every step: Int, from start: Int) {
        self.init(stride(from: start, to: start + 1440, by: step).map { $0 % 1440 })
    }

    /// Seconds since midnight.
    func first(atOrAfter second: Int) -> Int? {
        let minute = (second + 59) / 60
        var (low, high) = (0, minutes.count)
        while low < high {
            let middle = (low + high) / 2
            if minutes[middle] < minute { low = middle + 1 } else { high = middle }
        }
        return low < minutes.count ? minutes[low] * 60 : nil
    }
}
