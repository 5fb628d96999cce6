import FoundationEssentials
import Lifecycle
import Snapshots

/// What a policy will come to.
struct PolicyForecast {
    /// How many sets it keeps, and what its pools have room for.
    let lines: [String]

    /// How far the runs are looked at: as far as most rules reach back.
    private static let reach = 400.0 * 86_400
    private static let mostRuns = 20_000

    /// The next five runs of each schedule, by the clocks of its zone.
    static func runs(of policy: Policy, now: Date) -> [String] {
        policy.schedules.map { part in
            let schedule = part.schedule
            let next = schedule.runs(after: now).prefix(5).map { schedule.local($0) }
            return "\(part.id): next runs \(next.joined(separator: ", ")) (\(schedule.zone.name))"
        }
    }

    /// - Parameter volumes: what it is for.
    init(_ policy: Policy, _ volumes: [VolumeInfo], now: Date) {
        var lines: [String] = []
        var runs: [String: [Date]] = [:]
        var end = now.addingTimeInterval(Self.reach)
        for schedule in policy.schedules {
            let dates = schedule.schedule.runs(after: now).prefix(Self.mostRuns).prefix { $0 < end }.map { $0 }
            if dates.count == Self.mostRuns, let last = dates.last { end = min(end, last) }
            runs[schedule.id] = dates
        }
        // All of them as far as the shortest: a schedule that seems to end would lose its sets to age.
        runs = runs.mapValues { dates in dates.filter { $0 <= end } }
        let count = policy.rules().forecast(runs: runs)
        let isMore = policy.schedules.contains { schedule in
            schedule.schedule.next(after: end) != nil
                && Self.wantsMore(schedule, than: runs[schedule.id]?.count ?? 0, from: now, to: end)
        }
        lines.append(
            "it will keep \(isMore ? "at least " : "")\(Words.count(count, "set")), of each volume one snapshot a set")
        for (pool, members) in Dictionary(grouping: volumes, by: \.pool).sorted(by: { $0.key < $1.key }) {
            guard count > 0, let volume = members.first, let used = volume.poolDataPercent,
                let size = volume.poolSizeBytes
            else { continue }
            let free = UInt64(Double(size) * max(0, 100 - used) / 100)
            lines.append(
                "pool \(pool) has \(Words.size(free)) left: it is full when a set holds back more than"
                    + " \(Words.size(free / UInt64(count))) of it")
        }
        self.lines = lines
    }

    /// Whether a schedule's rule reaches beyond the runs that were looked at.
    private static func wantsMore(_ schedule: PolicySchedule, than runs: Int, from start: Date, to end: Date) -> Bool {
        let rule = schedule.retain
        let days: [RetainSlot: Double] = [.hourly: 1 / 24, .daily: 1, .weekly: 7, .monthly: 31, .yearly: 366]
        let span = end.timeIntervalSince(start) / 86_400
        return max(rule.count ?? 0, rule.keepLast) > runs
            || rule.age.map { $0.end(from: start, in: schedule.schedule.zone.timeZone) > end } ?? false
            || rule.slots.contains { $1 > runs || Double($1) * (days[$0] ?? 0) > span }
    }
}
