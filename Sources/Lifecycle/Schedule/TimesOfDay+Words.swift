extension TimesOfDay {
    /// `at 02:00`, `every 15 minutes`, `every 15 minutes from 09:00 to 17:45`.
    var words: String {
        guard let first = minutes.first, let last = minutes.last else { return "" }
        let steps = Set(zip(minutes, minutes.dropFirst()).map { $1 - $0 })
        if let step = steps.first, steps.count == 1, minutes.count > 2 {
            let every = Words.every(minutes: step)
            guard first + 1440 - last == step else {
                return "\(every) from \(Self.clock(first)) to \(Self.clock(last))"
            }
            return every + (first == 0 ? "" : step <= 60 ? " from minute \(first)" : " from \(Self.clock(first))")
        }
        let ofHour = Set(minutes.map { $0 % 60 }).sorted()
        if minutes.count == 24 * ofHour.count { return "every hour at minutes " + Words.list(ofHour) { "\($0)" } }
        if minutes.count <= 6 { return "at " + Words.list(minutes.map(Self.clock)) }
        return "\(minutes.count) times from \(Self.clock(first)) to \(Self.clock(last))"
    }

    private static func clock(_ minute: Int) -> String {
        func pad(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return pad(minute / 60) + ":" + pad(minute % 60)
    }
}
