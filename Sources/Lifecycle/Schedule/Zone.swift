public import Foundation
import SetModel

/// The time zone of a schedule.
public struct Zone: Sendable, Equatable {
    /// As it was written: Foundation calls `UTC` by another name.
    public let name: String
    /// What Foundation knows about it.
    public let timeZone: TimeZone

    /// Coordinated Universal Time, DLM's only zone.
    public static let utc = Zone(name: "UTC", timeZone: .gmt)

    private init(name: String, timeZone: TimeZone) {
        self.name = name
        self.timeZone = timeZone
    }

    /// The zone with this name of the IANA database: `Europe/Berlin`, or `UTC`.
    ///
    /// Abbreviations and offsets (`CET`, `GMT+3`) are refused: they have no rule for daylight saving, or several.
    public init(named name: String) throws(ScheduleError) {
        if name == Zone.utc.name {
            self = .utc
            return
        }
        guard name.contains("/"), let timeZone = TimeZone(identifier: name) else {
            let hint = Self.nearest(to: name).map { "; did you mean \($0)?" } ?? ""
            throw ScheduleError(
                "time zone", name, "there is no such zone: write a name like Europe/Berlin, or UTC" + hint)
        }
        self.init(name: name, timeZone: timeZone)
    }

    /// Also for a city alone; nothing for abbreviations, which are near to too much.
    private static func nearest(to name: String) -> String? {
        guard name.count > 3 else { return nil }
        let known = TimeZone.knownTimeZoneIdentifiers.filter { $0.contains("/") }
        if let whole = Nearest.word(to: name, in: known) { return whole }
        let cities = Dictionary(known.map { (String($0.split(separator: "/").last ?? ""), $0) }) { one, _ in one }
        return Nearest.word(to: name, in: cities.keys.sorted()).flatMap { cities[$0] }
    }
}
