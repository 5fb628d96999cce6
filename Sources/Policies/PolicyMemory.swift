public import FoundationEssentials
public import Lifecycle

/// What is remembered of a policy between two runs.
public struct PolicyMemory: Sendable, Codable, Equatable {
    /// By schedule id.
    public var handled: [String: HandledRuns] = [:]
    /// By schedule id: the run for which nothing could be taken yet, and which is tried again.
    public var tries: [String: PolicyTries] = [:]
    /// By schedule id: those whose last run failed. A set ends the trouble of the schedules that it belongs to, and of no
    /// other: one that is taken every hour must not hide that the nightly one never is.
    public var troubles: [String: PolicyTrouble] = [:]
    /// The problem of which an event told; `nil`: that there is none.
    public var toldProblem: String?
    /// By schedule id: missed runs of which no event has told yet.
    public var untold: [String: DueRuns.Missed] = [:]
    /// When `run` saw the policy first; `nil` in journals of earlier versions.
    public var firstSeen: Date?
    /// When its newest set was taken, as it was told by the run that took it; `nil`: never yet.
    public var lastSuccess: Date?
    /// How long the last creation took, whatever became of it; and how long file systems stood still in the last one
    /// that succeeded.
    public var lastRunSeconds: Double?
    public var lastFrozenWindowMs: Double?
    public var counters = PolicyCounters()
    /// When `run` first saw sets of it and no file; `nil`: it is there.
    public var goneSince: Date?

    public init() {}

    /// What is not there is as it is at the beginning: also journals of earlier versions can be read.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        handled = try values.decodeIfPresent([String: HandledRuns].self, forKey: .handled) ?? [:]
        tries = try values.decodeIfPresent([String: PolicyTries].self, forKey: .tries) ?? [:]
        troubles = try values.decodeIfPresent([String: PolicyTrouble].self, forKey: .troubles) ?? [:]
        toldProblem = try values.decodeIfPresent(String.self, forKey: .toldProblem)
        untold = try values.decodeIfPresent([String: DueRuns.Missed].self, forKey: .untold) ?? [:]
        firstSeen = try values.decodeIfPresent(Date.self, forKey: .firstSeen)
        lastSuccess = try values.decodeIfPresent(Date.self, forKey: .lastSuccess)
        lastRunSeconds = try values.decodeIfPresent(Double.self, forKey: .lastRunSeconds)
        lastFrozenWindowMs = try values.decodeIfPresent(Double.self, forKey: .lastFrozenWindowMs)
        goneSince = try values.decodeIfPresent(Date.self, forKey: .goneSince)
        counters = try values.decodeIfPresent(PolicyCounters.self, forKey: .counters) ?? PolicyCounters()
        if troubles.isEmpty { try readOldTrouble(decoder) }
    }

    /// Earlier versions knew one trouble of a whole policy, which any set ended.
    private mutating func readOldTrouble(_ decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: OldKeys.self)
        guard let problem = try values.decodeIfPresent(String.self, forKey: .problem) else { return }
        let trouble = PolicyTrouble(
            failures: try values.decodeIfPresent(Int.self, forKey: .failures) ?? 0, problem: problem,
            since: try values.decodeIfPresent(Date.self, forKey: .problemAt))
        troubles[PolicyTrouble.unknownSchedule] = trouble
    }

    private enum CodingKeys: String, CodingKey {
        case handled, tries, troubles, toldProblem, untold
        case firstSeen, lastSuccess, lastRunSeconds, lastFrozenWindowMs, counters, goneSince
    }

    private enum OldKeys: String, CodingKey { case failures, problem, problemAt }
}
