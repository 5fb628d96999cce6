import ArgumentParser
import SetModel

/// Durations as they are written on the command line: `500ms 5s 2m 1h 7d 2w`.
enum DurationArgument {
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

    /// How long each stage of a hook document may take.
    @Sendable
    static func hookTimeout(_ text: String) throws -> Duration {
        try parse(text, from: "1s", to: "1h")
    }

    /// How long a set is kept: up to a hundred years.
    @Sendable
    static func expiry(_ text: String) throws -> Duration {
        try parse(text, from: "1s", to: "5200w")
    }

    private static func parse(_ text: String, from least: String, to most: String) throws -> Duration {
        guard let value = DurationText.milliseconds(text) else {
            throw ValidationError("Write a whole number and a unit, like 500ms, 5s, 2m, 1h, 7d or 2w.")
        }
        guard let low = DurationText.milliseconds(least), let high = DurationText.milliseconds(most), low <= value,
            value <= high
        else {
            throw ValidationError("It has to lie between \(least) and \(most).")
        }
        return .milliseconds(value)
    }
}
