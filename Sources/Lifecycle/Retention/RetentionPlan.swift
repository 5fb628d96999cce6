public import FoundationEssentials

/// What is done with a set, and why.
public struct RetentionDecision: Sendable, Equatable {
    public enum Action: String, Sendable, CaseIterable {
        case keep
        /// It goes to trash, to be purged at ``RetentionDecision/purgeAt``.
        case trash
        /// It is removed at once.
        case delete
        /// It is removed from trash.
        case purge
        /// It belongs to a policy that was not asked about, or to nobody knows whom.
        case notOurs
    }

    public var set: RetainedSet
    public var action: Action
    public var reason: RetentionReason
    /// When a set that goes to trash now can no longer be restored; else `nil`.
    public var purgeAt: Date?
    /// Nobody looks after the set any more, whatever keeps it: its policy is gone, or what asked for it in that policy,
    /// or its volumes are; or it is the last word on a volume that is.
    public var isOrphan: Bool

    init(
        _ set: RetainedSet, _ action: Action, _ reason: RetentionReason, purgeAt: Date? = nil, isOrphan: Bool = false
    ) {
        self.set = set
        self.action = action
        self.reason = reason
        self.purgeAt = purgeAt
        self.isOrphan = isOrphan
    }
}

extension RetentionDecision {
    /// - Parameter careful: What is decided if the clock is ahead by as much.
    fileprivate func doubted(_ careful: RetentionDecision, ahead: TimeInterval) -> RetentionDecision {
        guard careful.action == .keep else { return self }
        // No promise, as far as pool pressure goes.
        if case .held = careful.reason { return careful }
        return action == .keep ? self : RetentionDecision(set, .keep, .clockInDoubt(ahead: ahead), isOrphan: isOrphan)
    }
}

/// What retention does with every set: it is printed by `plan`, and `prune` does exactly this.
public struct RetentionPlan: Sendable, Equatable {
    /// One for each set, oldest set first.
    public let decisions: [RetentionDecision]
    /// When that is so.
    let now: Date

    /// Depends on nothing but its parameters, and not on their order.
    ///
    /// - Parameters:
    ///   - sets: Every set of the host; ids are unique.
    ///   - policies: Whose sets are decided about, each id once; those of others are `notOurs`. Give
    ///     ``RetentionPolicy/byHand`` along for the sets that no policy made.
    ///   - pools: As they were measured; they matter to policies with ``RetentionPolicy/poolPressure``.
    ///   - clockAhead: How far the clock is ahead, as it seems; see ``ClockTrust``. What would go by it alone stays.
    public init(
        sets: [RetainedSet], policies: [RetentionPolicy], pools: [PoolUsage] = [], now: Date,
        clockAhead: TimeInterval = 0
    ) {
        let sets = sets.sorted(by: RetainedSet.isNewer)
        var decisions = sets.map {
            RetentionDecision($0, .notOurs, $0.isUnknown ? .unknown : .otherPolicy($0.policy))
        }
        let positions = Dictionary(grouping: sets.indices.filter { !sets[$0].isUnknown }) { sets[$0].policy }
        for policy in policies {
            let mine = positions[policy.id] ?? []
            let own = mine.map { sets[$0] }
            let review = PolicyReview(of: own, under: policy, AgeClock(now: now))
            for (index, position) in mine.enumerated() { decisions[position] = review.decision(at: index) }
            guard clockAhead > 0 else { continue }
            let careful = PolicyReview(of: own, under: policy, AgeClock(now: now, ahead: clockAhead))
            for (index, position) in mine.enumerated() {
                decisions[position] = decisions[position].doubted(careful.decision(at: index), ahead: clockAhead)
            }
        }
        decisions.reverse()
        var relief = PoolRelief(decisions: decisions, policies: policies)
        for pool in pools.sorted(by: { $0.name < $1.name }) { relief.relieve(pool) }
        self.decisions = relief.decisions
        self.now = now
    }
}
