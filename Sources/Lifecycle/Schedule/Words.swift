/// Lists as people write them.
enum Words {
    /// `a`, `a and b`, `a, b and c`.
    static func list(_ words: [String]) -> String {
        guard let last = words.last, words.count > 1 else { return words.first ?? "" }
        return words.dropLast().joined(separator: ", ") + " and " + last
    }

    /// The same with three or more successive numbers as `a to c`.
    static func list(_ numbers: [Int], name: (Int) -> String) -> String {
        var words: [String] = []
        var rest = numbers[...]
        while let first = rest.first {
            let run = zip(rest, first...).prefix { $0 == $1 }.count
            let length = run >= 3 ? run : 1
            words.append(length == 1 ? name(first) : "\(name(first)) to \(name(first + length - 1))")
            rest = rest.dropFirst(length)
        }
        return list(words)
    }

    /// `every hour`, `every 15 minutes`, `every 6 hours`.
    static func every(minutes: Int) -> String {
        let (count, unit) = minutes % 60 == 0 ? (minutes / 60, "hour") : (minutes, "minute")
        return count == 1 ? "every \(unit)" : "every \(count) \(unit)s"
    }
}
