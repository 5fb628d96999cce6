import FoundationEssentials

extension RetentionPlan {
    /// What goes, at once or to trash.
    public var leaving: [RetentionDecision] {
        decisions.filter { [.delete, .trash, .purge].contains($0.action) }
    }

    /// For each set that goes because others of its policy stay, the ids of complete sets that do, newer ones among
    /// them: without any of those it would be the last one.
    ///
    /// Nothing for a set that may be the last: one made by hand, one that leaves the trash, and of volumes that are
    /// gone with ``RetentionPolicy/extendDeletion``.
    public var successors: [RetainedSet.ID: Set<RetainedSet.ID>] {
        var kept: [Line: (ids: Set<RetainedSet.ID>, newest: RetainedSet)] = [:]
        // Oldest first: the last one stays as the newest.
        for decision in decisions where decision.action == .keep {
            let set = decision.set
            guard let line = Line(set), set.counts, !set.isAhead(of: now) else { continue }
            kept[line, default: ([], set)].ids.insert(set.id)
            kept[line]?.newest = set
        }
        var successors: [RetainedSet.ID: Set<RetainedSet.ID>] = [:]
        for decision in leaving where decision.action != .purge {
            guard let line = Line(decision.set), let kept = kept[line], RetainedSet.isNewer(kept.newest, decision.set)
            else { continue }
            successors[decision.set.id] = kept.ids
        }
        return successors
    }

    /// For each set that goes although it has a snapshot of volumes of which one has to stay, by volume (LVM's UUID), the
    /// ids of complete sets that stay and have it too, newer ones among them.
    public var holders: [RetainedSet.ID: [RetainedOrigin.ID: Set<RetainedSet.ID>]] {
        var kept: [Volume: (ids: Set<RetainedSet.ID>, newest: RetainedSet)] = [:]
        for decision in decisions where decision.action == .keep {
            let set = decision.set
            guard set.counts, !set.isAhead(of: now) else { continue }
            for volume in Volume.all(of: set) {
                kept[volume, default: ([], set)].ids.insert(set.id)
                kept[volume]?.newest = set
            }
        }
        var holders: [RetainedSet.ID: [RetainedOrigin.ID: Set<RetainedSet.ID>]] = [:]
        for decision in leaving where decision.action != .purge {
            for volume in Volume.all(of: decision.set) {
                guard let kept = kept[volume], RetainedSet.isNewer(kept.newest, decision.set) else { continue }
                holders[decision.set.id, default: [:]][volume.origin] = kept.ids
            }
        }
        return holders
    }

    /// A volume as a policy has it.
    private struct Volume: Hashable {
        var policy: String
        var origin: RetainedOrigin.ID

        static func all(of set: RetainedSet) -> [Volume] {
            guard let policy = set.policy else { return [] }
            return set.origins.map { Volume(policy: policy, origin: $0.id) }
        }
    }

    /// Sets of which one has to stay.
    private struct Line: Hashable {
        var policy: String
        var volumesGone: Bool

        init?(_ set: RetainedSet) {
            guard let policy = set.policy else { return nil }
            (self.policy, volumesGone) = (policy, set.volumesGone)
        }
    }
}
