public import FoundationEssentials

/// What can be said anew of a set that exists.
public enum SetChange: Sendable, Equatable {
    /// User tags; what is removed goes first.
    case tags(adding: [String: String], removing: Set<String>)
    case hold(SetHold)
    case unhold
    /// It is given up, and can be restored until then.
    case trash(until: Date)
    /// It leaves the trash, held for a while: the rules that let it go would let it go again.
    case restore(SetHold)
    /// A policy looks after it from now on.
    case adopt(policy: String, schedules: [String], expiresAt: Date?)
    /// No policy looks after it any more: it goes by its expiry alone.
    case disown

    /// Whether a set that the catalog does not know is this host's from then on.
    public var takesIn: Bool { if case .adopt = self { true } else { false } }
}

extension SnapshotSet {
    /// The set as it is after a change.
    ///
    /// - Throws: ``SnapshotError/Code/refused`` for a change that this set cannot take.
    public func changed(by change: SetChange, at now: Date) throws(SnapshotError) -> SnapshotSet {
        guard state == .complete || state == .degraded, !members.isEmpty else {
            throw SnapshotError(
                .refused, "set \(name) is \(members.isEmpty ? "lost" : state.rawValue): nothing of it can be changed")
        }
        var set = self
        switch change {
        case .tags(let adding, let removing):
            set.tags = tags.filter { !removing.contains($0.key) }.merging(adding) { $1 }
            guard set.tags.count <= SetTag.most else {
                throw SnapshotError(.refused, "set \(name) would have \(set.tags.count) tags; \(SetTag.most) at most")
            }
        case .hold(let hold):
            // Somebody else relies on it.
            if let own = self.hold, own.lasts(at: now), own.lastsLonger(than: hold) {
                throw SnapshotError(
                    .refused,
                    "set \(name) is \(own.sentence), which is longer; `stillpoint release \(name)` ends that first")
            }
            set.hold = hold
        case .unhold: set.hold = nil
        case .trash(let end):
            if let hold, hold.lasts(at: now) { throw held(hold) }
            set.purgeAt = end
        case .restore(let hold):
            guard purgeAt != nil else { throw SnapshotError(.refused, "set \(name) is not in trash") }
            set.purgeAt = nil
            // Someone's own word counts as long as it lasts longer.
            if let own = self.hold, !hold.lastsLonger(than: own) { break }
            set.hold = hold
        case .adopt(let policy, let schedules, let expiresAt):
            guard purgeAt == nil else {
                throw SnapshotError(.refused, "set \(name) is in trash; `stillpoint restore \(name)` takes it out")
            }
            set.policy = policy
            set.schedules = schedules
            // What was promised stays.
            set.expiresAt = [self.expiresAt, expiresAt].compactMap(\.self).max()
        case .disown:
            set.policy = nil
            set.schedules = []
        }
        return set
    }

    /// Why it cannot be deleted.
    public func held(_ hold: SetHold) -> SnapshotError {
        SnapshotError(.refused, "set \(name) is \(hold.sentence); `stillpoint release \(name)` ends that")
    }
}
