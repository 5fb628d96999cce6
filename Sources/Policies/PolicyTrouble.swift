public import FoundationEssentials
public import Lifecycle

/// What is wrong with a schedule whose sets are not taken.
public struct PolicyTrouble: Sendable, Codable, Equatable {
    /// Runs that failed since the newest set that belongs to the schedule; one that is tried again counts once.
    public var failures: Int
    /// Why the last one failed.
    public var problem: String
    /// Since when they fail; `nil` in journals of earlier versions.
    public var since: Date?

    /// Stands in for the schedules' ids where a journal of an earlier version does not tell any.
    public static let unknownSchedule = ""

    public init(failures: Int = 0, problem: String, since: Date?) {
        self.failures = failures
        self.problem = problem
        self.since = since
    }
}

extension PolicyMemory {
    /// Of the schedule that is worst off.
    public var failures: Int { troubles.values.map(\.failures).max() ?? 0 }

    /// The same, of the schedules that a policy has now.
    public func failures(of policy: Policy) -> Int {
        var memory = self
        memory.forgetTroubles(butOf: policy)
        return memory.failures
    }

    /// Why creations fail, with the schedules where the policy has several; `nil`: they do not.
    public var problem: String? {
        let known = Set(handled.keys).union(troubles.keys).subtracting([PolicyTrouble.unknownSchedule])
        var texts: [String] = []
        for problem in Set(troubles.values.map(\.problem)).sorted() {
            let ids = known.filter { troubles[$0]?.problem == problem }.sorted()
            let isOfAll = known.count < 2 || ids.isEmpty
            let subject = "schedule\(ids.count == 1 ? "" : "s") \(ids.joined(separator: ", ")): "
            texts.append((isOfAll ? "" : subject) + problem)
        }
        return texts.isEmpty ? nil : texts.joined(separator: "; ")
    }

    /// Since when creations fail.
    public var problemAt: Date? { troubles.values.compactMap(\.since).min() }

    /// A schedule that the policy no longer has fails no more.
    public mutating func forgetTroubles(butOf policy: Policy) {
        let ids = policy.schedules.map(\.id) + [PolicyTrouble.unknownSchedule]
        troubles = troubles.filter { ids.contains($0.key) }
    }

    /// However many sets of a run failed, a schedule has failed once.
    ///
    /// - Parameter before: what was remembered before that run.
    public mutating func countOneRun(after before: PolicyMemory) {
        for (id, trouble) in troubles {
            troubles[id]?.failures = min(trouble.failures, (before.troubles[id]?.failures ?? 0) + 1)
        }
    }
}
