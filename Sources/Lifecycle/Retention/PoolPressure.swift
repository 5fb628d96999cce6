/// A pool as it was measured.
public struct PoolUsage: Sendable, Equatable {
    /// Either one that is full stops all that the pool holds.
    public enum Part: String, Sendable, CaseIterable {
        case data, metadata
    }

    public var name: String
    public var sizeBytes: UInt64
    /// How much of it is in use, in percent, as the kernel tells.
    public var dataPercent: Double
    /// The same of its metadata; `nil`: not known.
    public var metadataPercent: Double?

    public init(name: String, sizeBytes: UInt64, dataPercent: Double, metadataPercent: Double? = nil) {
        self.name = name
        self.sizeBytes = sizeBytes
        self.dataPercent = dataPercent
        self.metadataPercent = metadataPercent
    }

    /// What is fuller decides.
    var fuller: (part: Part, percent: Double) {
        guard let metadataPercent, metadataPercent > dataPercent else { return (.data, dataPercent) }
        return (.metadata, metadataPercent)
    }
}

/// What a set occupies in a pool.
public struct PoolShare: Sendable, Equatable {
    /// The pool's name.
    public var pool: String
    /// What only this set uses, so at least what its end frees; `nil`: nobody measured it.
    public var exclusiveBytes: UInt64?

    public init(pool: String, exclusiveBytes: UInt64? = nil) {
        self.pool = pool
        self.exclusiveBytes = exclusiveBytes
    }
}

/// Deletes further sets of a pool that is too full, in all policies that set a limit for that.
///
/// First what is in trash, then what would go there, then what rules want; in each the oldest first, until the
/// estimate is down to the policy's limit. Protections and floors stand. After a set of unknown size it chooses no
/// more: the pool has to be measured again.
struct PoolRelief {
    /// Oldest set first.
    private(set) var decisions: [RetentionDecision]
    private var limits: [String: Double] = [:]
    private var positions: [String: [Int]] = [:]

    init(decisions: [RetentionDecision], policies: [RetentionPolicy]) {
        self.decisions = decisions
        for policy in policies where policy.stop == nil {
            if let id = policy.id { limits[id] = policy.poolPressure }
        }
        guard !limits.isEmpty else { return }
        for (position, decision) in decisions.enumerated() {
            for share in decision.set.shares { positions[share.pool, default: []].append(position) }
        }
    }

    mutating func relieve(_ pool: PoolUsage) {
        let positions = positions[pool.name] ?? []
        let fuller = pool.fuller
        var percent = fuller.percent
        for position in positions where [.delete, .purge].contains(decisions[position].action) {
            guard let freed = pool.freed(by: decisions[position].set) else { return }
            percent -= freed
        }
        for sacrifice in Sacrifice.allCases {
            for position in positions where sacrifice == Sacrifice(decisions[position]) {
                let set = decisions[position].set
                guard let limit = set.policy.flatMap({ limits[$0] }), percent > limit else { continue }
                decisions[position] = RetentionDecision(
                    set, sacrifice == .inTrash ? .purge : .delete,
                    .poolPressure(pool: pool.name, fuller.part, percent: fuller.percent, above: limit),
                    isOrphan: decisions[position].isOrphan)
                guard let freed = pool.freed(by: set) else { return }
                percent -= freed
            }
        }
    }

    /// What may be given up for space, in this order.
    private enum Sacrifice: CaseIterable {
        case inTrash, goingToTrash, promised

        init?(_ decision: RetentionDecision) {
            switch (decision.action, decision.reason) {
            case (.keep, .inTrash): self = .inTrash
            case (.keep, .clockInDoubt) where decision.set.purgeAt != nil: self = .inTrash
            case (.trash, _): self = .goingToTrash
            case (.keep, let reason) where reason.yieldsToPressure: self = .promised
            default: return nil
            }
        }
    }
}

extension PoolUsage {
    /// In percent of the pool; `nil` when that is not known: of metadata nobody knows it.
    fileprivate func freed(by set: RetainedSet) -> Double? {
        let share = set.shares.first { $0.pool == name }
        guard fuller.part == .data, sizeBytes > 0, let bytes = share?.exclusiveBytes else { return nil }
        return Double(bytes) / Double(sizeBytes) * 100
    }
}
