import FoundationEssentials

/// How single values read.
enum Words {
    static let absent = "-"

    /// RFC 3339, UTC, to the second.
    static func time(_ date: Date) -> String { date.ISO8601Format() }

    static func size(_ bytes: UInt64) -> String {
        let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
        var value = Double(bytes)
        var unit = 0
        while value >= 1024, unit < units.count - 1 {
            value /= 1024
            unit += 1
        }
        return tenths(value) + " " + units[unit]
    }

    static func milliseconds(_ value: Double?) -> String { value.map { tenths($0) + " ms" } ?? absent }

    static func percent(_ value: Double?) -> String { value.map { tenths($0) + "%" } ?? absent }

    static func tags(_ tags: [String: String]) -> String {
        tags.sorted { $0.key < $1.key }.map { $0.key + "=" + $0.value }.joined(separator: ", ")
    }

    /// `1 set`, `2 sets`.
    static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

    /// At most one decimal.
    private static func tenths(_ value: Double) -> String {
        let rounded = (value * 10).rounded() / 10
        return Int64(exactly: rounded).map { String($0) } ?? String(rounded)
    }
}
