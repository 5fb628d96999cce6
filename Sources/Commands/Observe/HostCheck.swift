import Events
import FoundationEssentials
import Lifecycle
import Policies
import SetModel
import Snapshots

/// Judges a host.
struct HostCheck: Sendable {
    struct Limits: Sendable {
        /// Of a policy's newest set, in seconds; `nil`: as its schedules say.
        var age: TimeInterval?
        var poolWarning = 80.0
        var poolCritical = 90.0
    }

    private let state: HostState
    private let limits: Limits

    init(_ state: HostState, _ limits: Limits) {
        self.state = state
        self.limits = limits
    }

    var report: CheckReport {
        let policies = state.policies.filter { $0.state == .enabled }.map(judged)
        let findings =
            policies.flatMap(\.findings) + pools + files + orphans + leftovers + atRest + unknown + byHand
            + sinks + ahead + clock
        return CheckReport(findings: findings, summary: summary, measures: policies.compactMap(\.age) + measures)
    }

    private typealias Finding = CheckReport.Finding

    private var summary: String {
        let enabled = state.policies.count { $0.state == .enabled }
        let fullest = state.pools.compactMap { pool in pool.percent.map { (pool.name, $0) } }.max { $0.1 < $1.1 }
        return "policies: \(enabled) enabled, none late"
            + (fullest.map { ", the fullest pool is \($0.0) with \(Words.percent($0.1))" } ?? "")
    }

    // MARK: Policies

    private func judged(_ policy: Policy) -> (findings: [Finding], age: CheckReport.Measure?) {
        let memory = state.memories[policy.id]
        var findings: [Finding] = []
        if let problem = memory?.problem {
            let since = memory?.problemAt.map { " since " + Words.time($0) } ?? ""
            findings.append(Finding(status: .warning, text: "policy \(policy.id) fails\(since): \(problem)"))
        }
        // One that runs no more, or finds nothing to do.
        guard !state.idle.contains(policy.id), let (limit, allowed) = allowance(of: policy) else {
            return (findings, nil)
        }
        if let newest = state.newest(of: policy.id) {
            let age = max(0, state.now.timeIntervalSince(newest.createdAt))
            if age > limit {
                findings.append(
                    Finding(
                        status: .critical,
                        text: "policy \(policy.id): newest complete set is \(Self.span(age)) old, \(allowed)"))
            }
            return (
                findings,
                CheckReport.Measure(label: "age \(policy.id)", value: age.rounded(), unit: "s", critical: limit)
            )
        }
        // Journals of earlier versions know it by their schedules.
        guard let begin = memory?.firstSeen ?? memory?.handled.values.map(\.through).min() else {
            findings.append(
                Finding(status: .warning, text: "policy \(policy.id): no `stillpoint run` has looked at it yet"))
            return (findings, nil)
        }
        let age = state.now.timeIntervalSince(begin)
        if age > limit {
            findings.append(
                Finding(
                    status: .critical,
                    text: "policy \(policy.id): no complete set, \(Self.span(age)) after it began, \(allowed)"))
        }
        return (findings, nil)
    }

    /// How old its newest set may be, in seconds, and what to say of that; `nil`: none was due
    /// yet, or no run comes again.
    private func allowance(of policy: Policy) -> (limit: TimeInterval, words: String)? {
        if let age = limits.age { return (age, "\(Self.span(age)) allowed") }
        guard ExpectedAge.comesAgain(policy, after: state.now) else { return nil }
        let handled = state.memories[policy.id]?.handled ?? [:]
        if let due = ExpectedAge.due(of: policy, at: state.now, handled) {
            let limit = state.now.timeIntervalSince(due)
            return (limit, "and one was due \(Self.span(limit)) ago")
        }
        return ExpectedAge.limit(of: policy, at: state.now, handled).map { ($0, "\(Self.span($0)) allowed") }
    }

    /// `2d 3h`, `59m`: rounded down to the two largest units.
    private static func span(_ seconds: TimeInterval) -> String {
        let whole = Int64(exactly: seconds.rounded(.down)) ?? 0
        guard whole >= 60 else { return "\(max(0, whole))s" }
        let parts = [(whole / 86400, "d"), (whole / 3600 % 24, "h"), (whole / 60 % 60, "m")].drop { $0.0 == 0 }
        return parts.prefix(2).filter { $0.0 > 0 }.map { "\($0.0)\($0.1)" }.joined(separator: " ")
    }

    // MARK: The rest

    private var pools: [Finding] {
        let broken = state.pools.compactMap { pool in
            pool.problem.map { Finding(status: .critical, text: "pool \(pool.name) \($0)") }
        }
        return broken + full
    }

    private var full: [Finding] {
        state.pools.flatMap { pool in
            [("data", pool.dataPercent), ("metadata", pool.metadataPercent)].compactMap { part, percent -> Finding? in
                guard let percent, percent >= limits.poolWarning else { return nil }
                return Finding(
                    status: percent >= limits.poolCritical ? .critical : .warning,
                    text: "\(part) of pool \(pool.name) is \(Words.percent(percent)) full")
            }
        }
    }

    private var files: [Finding] {
        state.problems.map { Finding(status: .warning, text: "unusable, so nothing is deleted: \($0)") }
    }

    private var orphans: [Finding] {
        switch state.orphans {
        case .success(0): return []
        case .success(let count):
            return [
                Finding(
                    status: .warning,
                    text: "nobody looks after \(Words.count(count, "set")): `stillpoint list --orphans`")
            ]
        case .failure(let error):
            // A file that is unusable was told of already.
            guard state.problems.isEmpty else { return [] }
            return [Finding(status: .warning, text: "what becomes of sets is not known: \(error.message)")]
        }
    }

    private var leftovers: [Finding] {
        guard !state.leftovers.isEmpty else { return [] }
        let names = state.leftovers.map { "\($0.name) (\($0.state.rawValue))" }.joined(separator: ", ")
        return [Finding(status: .warning, text: "left by a run that died: \(names); `stillpoint recover`")]
    }

    private var ahead: [Finding] {
        let names = state.sets.filter { $0.isAhead(of: state.now) }.map(\.name)
        guard !names.isEmpty else { return [] }
        return [
            Finding(
                status: .warning,
                text: "made while the clock was ahead, or it is behind now: \(names.joined(separator: ", "))")
        ]
    }

    private var clock: [Finding] {
        guard state.clockAhead > 0 else { return [] }
        return [
            Finding(
                status: .warning,
                text: "the clock jumped ahead by \(Self.span(state.clockAhead)): for a day nothing is deleted by age")
        ]
    }

    private var atRest: [Finding] {
        state.standing.atRest.map {
            Finding(
                status: .critical,
                text: "post of hook document \($0) was not run, applications may be at rest: run `stillpoint recover`")
        }
    }

    private var unknown: [Finding] {
        guard !state.unknown.isEmpty else { return [] }
        return [
            Finding(
                status: .warning,
                text:
                    "\(Words.count(state.unknown.count, "set")) not in the catalog, which nothing deletes; `stillpoint plan`"
                    + " names them, `stillpoint reindex` takes them in")
        ]
    }

    /// Meanwhile every command that changes something is refused.
    private var byHand: [Finding] {
        let frozen = state.standing.byHand
        guard !frozen.isEmpty else { return [] }
        return [
            Finding(
                status: .warning,
                text: "frozen by hand: \(frozen.joined(separator: ", ")); it ends by itself, or by `stillpoint thaw`")
        ]
    }

    /// How long a sink may be behind before somebody has to look, in seconds.
    private static let patience: TimeInterval = 3600

    private var sinks: [Finding] {
        switch state.sinks {
        case .failure(let error): [Finding(status: .warning, text: error.message)]
        case .success(let backlogs):
            backlogs.compactMap { backlog in
                guard let since = backlog.since, state.now.timeIntervalSince(since) > Self.patience else { return nil }
                return Finding(
                    status: .warning,
                    text:
                        "sink \(backlog.sink) has not got \(Words.count(Int(clamping: backlog.count), "event")), the oldest"
                        + " of \(Words.time(since))" + (backlog.problem.map { ": " + $0 } ?? ""))
            }
        }
    }

    private var measures: [CheckReport.Measure] {
        let pools: [CheckReport.Measure] = state.pools.flatMap { pool in
            [("data", pool.dataPercent), ("metadata", pool.metadataPercent)].compactMap { part, percent in
                percent.map {
                    CheckReport.Measure(
                        label: "\(part) \(pool.name)", value: $0, unit: "%", warning: limits.poolWarning,
                        critical: limits.poolCritical)
                }
            }
        }
        let orphans = (try? state.orphans.get()).map {
            CheckReport.Measure(label: "orphans", value: Double($0), warning: 0)
        }
        let leftovers = CheckReport.Measure(label: "leftovers", value: Double(state.leftovers.count), warning: 0)
        return pools + [orphans, leftovers].compactMap(\.self)
    }
}
