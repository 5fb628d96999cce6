import FoundationEssentials
import Lifecycle
import Snapshots

/// What a policy will come to.
struct PolicyForecast {
    let lines: [String]

    /// How far the runs are looked at: as far as most rules reach back.
    private static let reach = 400.0 * 86_400
    private static let mostRuns = 20_000

    init(_ policy: Policy, _ volumes: [VolumeInfo], now: Date) {
        var lines: [String] = []
        var runs: [String: [Date]] = [:]
        for schedule in policy.schedules {
            let next = schedule.schedule.runs(after: now).prefix(5).map(Words.time)
            lines.append("\(schedule.id): next runs \(next.joined(separator: ", "))")
            runs[schedule.id] = schedule.schedule.runs(after: now).prefix(Self.mostRuns)
                .prefix { $0 < now.addingTimeInterval(Self.reach) }.map { $0 }
        }
        let count = policy.rules().forecast(runs: runs)
        lines.append("it will keep \(Words.count(count, "set")), of each volume one snapshot a set")
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
}
