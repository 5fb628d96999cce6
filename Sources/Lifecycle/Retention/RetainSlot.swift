import FoundationEssentials

/// The generations of grandfather-father-son retention: one set is kept for each of the newest periods that have one.
///
/// Of several sets in one period, the first is kept. So what a set is kept for is settled when it is made: a later
/// one in the same period never takes its place. Keeping the last one instead would change the choice with every run
/// until the period is over. Periods without a set take no slot, so a machine that was off loses nothing.
public enum RetainSlot: String, Sendable, CaseIterable {
    case hourly, daily
    /// From Monday to Sunday.
    case weekly
    case monthly, yearly

    private var component: Calendar.Component {
        switch self {
        case .hourly: .hour
        case .daily: .day
        case .weekly: .weekOfYear
        case .monthly: .month
        case .yearly: .year
        }
    }

    /// The position of the first set of each of the `limit` newest periods that have one, newest period first.
    ///
    /// - Parameter instants: When the sets were made, newest first.
    func firsts(of instants: [Date], limit: Int, by calendar: Calendar) -> [Int] {
        var firsts: [Int] = []
        // Of the period that the last of them lies in. There is no date that all sets are older than.
        var start: Date?
        for (position, instant) in instants.enumerated() {
            if let start, instant >= start {
                firsts[firsts.count - 1] = position
                continue
            }
            guard firsts.count < limit else { break }
            start = calendar.dateInterval(of: component, for: instant)?.start ?? instant
            firsts.append(position)
        }
        return firsts
    }
}
