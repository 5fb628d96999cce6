import FoundationEssentials
import SetModel

/// Decides about the sets of one policy.
///
/// Only complete sets count: they take the places of a rule, and are the newest of something. A degraded set is
/// judged as if it and all other degraded ones were whole: it stays as long as it would be wanted then, or as nothing
/// newer is complete, for what is left of it may be what someone needs. After that it goes like any other.
///
/// Sets that are ahead of the clock stay, and count nowhere.
///
/// Of each volume the newest set stays that has it, in the policy's targets or not: one that was removed by mistake, or
/// lost its tag, must not lose its last snapshot because sets of the others follow.
struct PolicyReview {
    private let policy: RetentionPolicy
    private let clock: AgeClock
    /// Newest first; a position in here is what the rest of this type goes by.
    private let sets: [RetainedSet]
    private let wants: [[RetentionWant]]
    /// The newest complete set that has volumes, and the newest of those whose volumes are gone.
    private let newest: Int?
    private let newestOfGone: Int?
    /// By position: the volumes whose newest set it is.
    private let volumes: [Int: [VolumeFloor]]

    /// - Parameter sets: All sets of the policy, newest first.
    init(of sets: [RetainedSet], under policy: RetentionPolicy, _ clock: AgeClock) {
        self.policy = policy
        self.clock = clock
        self.sets = sets
        wants = policy.wants(sets, clock)
        let now = clock.now
        newest = sets.firstIndex { $0.counts && !$0.isAhead(of: now) && !$0.volumesGone }
        newestOfGone = sets.firstIndex { $0.counts && !$0.isAhead(of: now) && $0.volumesGone }
        volumes = policy.id == nil ? [:] : sets.newestOfVolumes(at: now)
    }

    func decision(at position: Int) -> RetentionDecision {
        var decision = judged(at: position)
        decision.isOrphan = isOrphan(position)
        return decision
    }

    /// The checks stand in the order of ``RetentionReason``.
    private func judged(at position: Int) -> RetentionDecision {
        let set = sets[position]
        let now = clock.now(for: set.createdAt)
        if let hold = SetHold.lasting(set.holds, at: now) { return RetentionDecision(set, .keep, .held(hold)) }
        if let end = set.purgeAt {
            guard end <= now else { return RetentionDecision(set, .keep, .inTrash(until: end)) }
            if let stop = policy.stop ?? pause { return RetentionDecision(set, .keep, stop) }
            return RetentionDecision(set, .purge, .trashEnded(end))
        }
        let protection = unready(set) ?? ahead(set) ?? abandoned ?? floor(position) ?? want(position)
        switch protection.map({ .stays($0) }) ?? course(of: set) {
        case .stays(let reason): return RetentionDecision(set, .keep, reason)
        case .goes(let reason):
            if let stop = policy.stop ?? pause { return RetentionDecision(set, .keep, stop) }
            let purgeAt = policy.purgeTime(deletedAt: clock.now)
            return RetentionDecision(set, purgeAt == nil ? .delete : .trash, reason, purgeAt: purgeAt)
        }
    }

    private func unready(_ set: RetainedSet) -> RetentionReason? {
        switch set.state {
        case .staged: .unfinished
        case .deleting: .beingDeleted
        case .complete, .degraded: nil
        }
    }

    private func ahead(_ set: RetainedSet) -> RetentionReason? {
        set.isAhead(of: clock.now) ? .aheadOfClock : nil
    }

    private var abandoned: RetentionReason? {
        guard policy.isGone, policy.orphans == .keep, let id = policy.id else { return nil }
        return .policyGone(id)
    }

    private func floor(_ position: Int) -> RetentionReason? {
        let set = sets[position]
        guard policy.id != nil, !(set.volumesGone && policy.extendDeletion) else { return nil }
        let best = set.volumesGone ? newestOfGone : newest
        if position == best { return .newestComplete }
        if !set.counts, position < best ?? .max { return .noNewerComplete }
        let volumes = volumes[position]?.filter { !($0.origin.isGone && policy.extendDeletion) } ?? []
        if !volumes.isEmpty { return .newestOfVolumes(volumes.map(\.words)) }
        guard set.counts else { return nil }
        return wants[position].first { $0.part.isFloor }.map { .keepLast($0) }
    }

    /// Whoever asked for the set is gone, or its volumes are, or one of them of which there is no newer set. What lies in
    /// trash ends by itself.
    private func isOrphan(_ position: Int) -> Bool {
        let set = sets[position]
        guard set.purgeAt == nil, set.state == .complete || set.state == .degraded else { return false }
        if policy.isGone || set.volumesGone { return true }
        if volumes[position]?.contains(where: { $0.origin.isGone && !$0.isReplaced }) == true { return true }
        let living = policy.schedules.filter { set.schedules.contains($0.id) }
        guard living.count < set.schedules.count else { return false }
        // One that is shared is looked after as long as one of those that are left wants it.
        return living.isEmpty || wants[position].isEmpty && !set.isAhead(of: clock.now)
    }

    private func want(_ position: Int) -> RetentionReason? {
        guard !wants[position].isEmpty else { return nil }
        return sets[position].counts ? .wanted(wants[position]) : .wantedIfWhole(wants[position])
    }

    private enum Course {
        case stays(RetentionReason), goes(RetentionReason)
    }

    /// What becomes of a set that no floor and no rank keeps: its age decides.
    private func course(of set: RetainedSet) -> Course {
        let now = clock.now(for: set.createdAt)
        let schedules = policy.schedules.filter { set.schedules.contains($0.id) }
        let end: Date?
        let otherwise: RetentionReason
        if set.volumesGone {
            guard policy.orphans == .expire || policy.extendDeletion else { return .stays(.volumesGone) }
            end = orphanExpiry(of: set)
            otherwise = .volumesGone
        } else if policy.isGone, let id = policy.id {
            otherwise = .policyGone(id)
            end = orphanExpiry(of: set)
        } else if !schedules.isEmpty, schedules.count == set.schedules.count {
            if policy.recompute == .new, let end = set.expiresAt, end > now { return .stays(.notExpired(until: end)) }
            return .goes(.unwanted(schedules))
        } else if !set.schedules.isEmpty {
            // One that is gone may have promised to keep it: its rule is not known any more.
            otherwise = .schedulesGone(set.schedules.subtracting(schedules.map(\.id)).sorted())
            guard policy.orphans == .expire else { return .stays(otherwise) }
            end = orphanExpiry(of: set)
        } else {
            end = set.expiresAt
            otherwise = .noExpiry
        }
        guard let end else { return .stays(otherwise) }
        return end > now ? .stays(.notExpired(until: end)) : .goes(.expired(end))
    }

    private func orphanExpiry(of set: RetainedSet) -> Date? {
        let own = [set.expiresAt, policy.expiry(createdAt: set.createdAt, schedules: set.schedules)]
        let general = policy.orphanAge?.end(from: set.createdAt, in: policy.timeZone)
        return (own + [general]).compactMap(\.self).max()
    }

    private var pause: RetentionReason? {
        guard let limit = policy.pauseAfterFailures, policy.failures >= limit else { return nil }
        return .paused(failures: policy.failures)
    }
}

/// A volume that keeps the newest set that has it.
private struct VolumeFloor {
    var origin: RetainedOrigin
    /// It is gone, and newer sets have another one of its name: who made that may still miss what was in it.
    var isReplaced: Bool

    var words: String { isReplaced ? "\(origin.name) (before it was made anew)" : origin.name }
}

extension [RetainedSet] {
    /// By position, newest first: the volumes whose newest complete set it is; where no complete set has a volume, its
    /// newest degraded one. Of those that are gone under one name only the last one has any: what is made anew every day
    /// would leave a set each day.
    fileprivate func newestOfVolumes(at now: Date) -> [Int: [VolumeFloor]] {
        let ranked = enumerated().filter { _, set in
            (set.state == .complete || set.state == .degraded) && set.purgeAt == nil && !set.isAhead(of: now)
        }
        var lastGone: [String: RetainedOrigin.ID] = [:]
        for origin in ranked.flatMap(\.element.origins) where origin.isGone && lastGone[origin.name] == nil {
            lastGone[origin.name] = origin.id
        }
        var found: [Int: [VolumeFloor]] = [:]
        var seen: Set<RetainedOrigin.ID> = []
        var names: Set<String> = []
        for state in [SetState.complete, .degraded] {
            for (position, set) in ranked where set.state == state {
                for origin in set.origins where seen.insert(origin.id).inserted {
                    if origin.isGone, lastGone[origin.name] != origin.id { continue }
                    let isReplaced = origin.isGone && names.contains(origin.name)
                    found[position, default: []].append(VolumeFloor(origin: origin, isReplaced: isReplaced))
                }
                names.formUnion(set.origins.map(\.name))
            }
        }
        return found
    }
}

extension RetentionPolicy {
    /// Why nothing of this policy is deleted, not even under pool pressure; `nil`: it may be.
    var stop: RetentionReason? {
        isEnabled || whenDisabled == .expire ? nil : .policyDisabled
    }
}
