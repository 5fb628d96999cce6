public import FoundationEssentials

/// How long a set is kept, counted from its creation: `90m 12h 7d 4w 6mo 1y`.
///
/// Up to weeks it is exact: a day has 24 hours, as in every other duration of Stillpoint. Months and years follow the
/// calendar: one month after 31 January is the last day of February, at the same time of day.
public struct RetainAge: Sendable, Hashable, CustomStringConvertible {
    public enum Unit: String, Sendable, CaseIterable {
        case minutes = "m"
        case hours = "h"
        case days = "d"
        case weeks = "w"
        case months = "mo"
        case years = "y"

        /// From one to 100 years, as in DLM (`RetainRule.Interval`: 36500 days, 5200 weeks, 1200 months, 100 years).
        public var limits: ClosedRange<Int> {
            switch self {
            case .minutes: 1...36_500 * 24 * 60
            case .hours: 1...36_500 * 24
            case .days: 1...36_500
            case .weeks: 1...5200
            case .months: 1...1200
            case .years: 1...100
            }
        }
    }

    public let value: Int
    public let unit: Unit

    /// `nil` outside of the unit's ``Unit/limits``.
    public init?(_ value: Int, _ unit: Unit) {
        guard unit.limits.contains(value) else { return nil }
        self.value = value
        self.unit = unit
    }

    /// As people write it, which is also its ``description``; `nil` for everything else.
    public init?(_ text: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let value = Int(digits), let unit = Unit(rawValue: String(text.dropFirst(digits.count))) else {
            return nil
        }
        self.init(value, unit)
    }

    /// The first instant at which something made at `start` is no longer younger than this.
    public func end(from start: Date, in zone: TimeZone) -> Date {
        end(from: start, by: .retention(in: zone))
    }

    func end(from start: Date, by calendar: Calendar) -> Date {
        switch unit {
        case .minutes: start + Double(value) * 60
        case .hours: start + Double(value) * 3600
        case .days: start + Double(value) * 86_400
        case .weeks: start + Double(value) * 7 * 86_400
        // What the calendar cannot say is never over: a doubt keeps the set.
        case .months: calendar.date(byAdding: .month, value: value, to: start) ?? .distantFuture
        case .years: calendar.date(byAdding: .year, value: value, to: start) ?? .distantFuture
        }
    }

    public var description: String { "\(value)\(unit.rawValue)" }
}

extension Calendar {
    /// Gregorian, weeks from Monday (ISO 8601), whatever the host's locale says.
    static func retention(in zone: TimeZone) -> Calendar {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        calendar.firstWeekday = 2
        return calendar
    }
}
