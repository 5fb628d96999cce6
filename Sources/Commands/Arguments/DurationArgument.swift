import ArgumentParser

/// Durations as they are written on the command line: `500ms 5s 2m 1h 7d 2w`.
enum DurationArgument {
    private static let units: [(suffix: String, milliseconds: Int64)] = [
        ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000), ("w", 604_800_000),
    ]

    /// The longest time that a file system may stand still in a cut.
    @Sendable
    static func maxWindow(_ text: String) throws -> Duration {
        try parse(text, from: "100ms", to: "60s")
    }

    /// How long a manual freeze may last.
    @Sendable
    static func freeze(_ text: String) throws -> Duration {
        try parse(text, from: "1s", to: "1h")
    }

    /// How long a set is kept: up to a hundred years.
    @Sendable
    static func expiry(_ text: String) throws -> Duration {
        try parse(text, from: "1s", to: "5200w")
    }

    private static func parse(_ text: String, from least: String, to most: String) throws -> Duration {
        guard let value = milliseconds(text) else {
            throw ValidationError("Write a whole number and a unit, like 500ms, 5s, 2m, 1h, 7d or 2w.")
        }
        guard let low = milliseconds(least), let high = milliseconds(most), low <= value, value <= high else {
            throw ValidationError("It has to lie between \(least) and \(most).")
        }
        return .milliseconds(value)
    }

    /// `nil` for everything else, also for what does not fit.
    static func milliseconds(_ text: String) -> Int64? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int64(digits), let unit = units.first(where: { $0.suffix == text.dropFirst(digits.count) })
        else { return nil }
        let (value, overflow) = number.multipliedReportingOverflow(by: unit.milliseconds)
        return overflow ? nil : value
    }
}
