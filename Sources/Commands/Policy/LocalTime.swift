import FoundationEssentials
import Lifecycle

extension Schedule {
    /// An instant on the clocks of the schedule's zone: `2026-11-24 02:30:00`.
    func local(_ time: Date) -> String {
        let style = Date.ISO8601FormatStyle(timeZone: zone.timeZone).year().month().day()
            .dateTimeSeparator(.space).time(includingFractionalSeconds: false)
        return time.formatted(style)
    }
}
