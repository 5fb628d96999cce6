public import FoundationEssentials

/// What retention has to know of a schedule.
public struct RetentionSchedule: Sendable, Equatable, Identifiable {
    /// Stable: sets remember it, so that a schedule with another name keeps its sets.
    public var id: String
    public var rule: RetainRule
    /// Where its months, days and hours begin.
    public var timeZone: TimeZone

    public init(id: String, rule: RetainRule, timeZone: TimeZone = .gmt) {
        self.id = id
        self.rule = rule
        self.timeZone = timeZone
    }
}

/// What retention has to know of a policy. The defaults delete least.
public struct RetentionPolicy: Sendable, Equatable {
    /// What becomes of sets that nobody looks after any more, while floors hold.
    public enum WhenLeft: String, Sendable, CaseIterable {
        case keep, expire
    }

    /// Which sets a changed age is for.
    public enum Recompute: String, Sendable, CaseIterable {
        /// Those made from now on, as in DLM: a set goes by the expiry that it was given, and only one that was given
        /// none by the age of today.
        case new
        /// All: the expiry is computed anew from the age of today.
        case all
    }

    /// `nil`: stands for the sets that were made by hand; see ``byHand``.
    public var id: String?
    public var schedules: [RetentionSchedule]
    public var isEnabled: Bool
    /// Of a disabled policy's sets.
    public var whenDisabled: WhenLeft
    /// Of sets one of whose schedules, or all of whose volumes, are gone. No newer set pushes them out, so they expire by age:
    /// at the latest of their own expiry, the age of a schedule that still is, and ``orphanAge``. Without any of
    /// these they stay.
    public var orphans: WhenLeft
    public var orphanAge: RetainAge?
    /// Sets whose volumes are gone expire (also with ``orphans`` at `keep`), up to and including the last one. DLM's
    /// ExtendDeletion. Without it the newest complete set of each gone volume stays.
    public var extendDeletion: Bool
    public var recompute: Recompute
    /// So many runs of a schedule that failed in a row stop all deleting; `nil`: none do.
    public var pauseAfterFailures: Int?
    /// How many failed, of the schedule that is worst off, since the newest set that it got.
    public var failures: Int
    /// How long a deleted set can be restored; `nil`: not at all.
    public var trash: RetainAge?
    /// Percent of a pool's data, or of its metadata, above which further sets are deleted; `nil`: never. See ``PoolUsage``.
    public var poolPressure: Double?
    /// There is no such policy any more: its sets are orphans.
    public var isGone = false
    /// Where months begin that belong to no schedule: those of ``orphanAge`` and ``trash``.
    public var timeZone: TimeZone

    public init(
        id: String?, schedules: [RetentionSchedule] = [], isEnabled: Bool = true, whenDisabled: WhenLeft = .keep,
        orphans: WhenLeft = .keep, orphanAge: RetainAge? = nil, extendDeletion: Bool = false,
        recompute: Recompute = .new, pauseAfterFailures: Int? = nil, failures: Int = 0, trash: RetainAge? = nil,
        poolPressure: Double? = nil, timeZone: TimeZone = .gmt
    ) {
        self.id = id
        self.schedules = schedules
        self.isEnabled = isEnabled
        self.whenDisabled = whenDisabled
        self.orphans = orphans
        self.orphanAge = orphanAge
        self.extendDeletion = extendDeletion
        self.recompute = recompute
        self.pauseAfterFailures = pauseAfterFailures
        self.failures = failures
        self.trash = trash
        self.poolPressure = poolPressure
        self.timeZone = timeZone
    }

    /// For the sets of a policy that was deleted. The newest complete one of each volume stays.
    public static func gone(_ id: String, orphans: WhenLeft, orphanAge: RetainAge?) -> RetentionPolicy {
        var policy = RetentionPolicy(id: id, orphans: orphans, orphanAge: orphanAge)
        policy.isGone = true
        return policy
    }

    /// For the sets made by hand: each goes when its own expiry has come, and has no other set to wait for.
    public static let byHand = RetentionPolicy(id: nil, extendDeletion: true)

    /// What a set made for these schedules gets as its expiry: the latest that one of them promises by age.
    ///
    /// - Returns: `nil` when none has an age.
    public func expiry(createdAt: Date, schedules ids: Set<String>) -> Date? {
        schedules.filter { ids.contains($0.id) }.compactMap { $0.rule.age?.end(from: createdAt, in: $0.timeZone) }.max()
    }
}
