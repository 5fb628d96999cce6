import FoundationEssentials

/// What is snapshotted, when, and how long it is kept: a lifecycle policy as in Amazon DLM, for local volumes.
public struct Policy: Sendable, Equatable, Identifiable {
    /// DLM's words.
    public enum State: String, Sendable, CaseIterable {
        case enabled = "ENABLED"
        case disabled = "DISABLED"
    }

    /// Stable: sets are remembered under it, whatever the file or the description is called.
    public var id: String
    public var summary: String?
    public var state = State.enabled
    public var targets: PolicyTargets
    /// At least one; ids are unique.
    public var schedules: [PolicySchedule]
    /// What DLM does not let one choose about old sets.
    public var retention: PolicyRetention

    public init(
        id: String, summary: String? = nil, state: State = .enabled, targets: PolicyTargets,
        schedules: [PolicySchedule], retention: PolicyRetention = PolicyRetention()
    ) {
        self.id = id
        self.summary = summary
        self.state = state
        self.targets = targets
        self.schedules = schedules
        self.retention = retention
    }

    /// What retention has to know of it.
    ///
    /// - Parameter failures: how many runs failed since its newest set.
    public func rules(failures: Int = 0) -> RetentionPolicy {
        RetentionPolicy(
            id: id,
            schedules: schedules.map { schedule in
                RetentionSchedule(
                    id: schedule.id, rule: schedule.retain, timeZone: schedule.schedule.zone.timeZone)
            },
            isEnabled: state == .enabled,
            whenDisabled: retention.whenDisabled, orphans: retention.orphans, orphanAge: retention.orphanAge,
            extendDeletion: retention.extendDeletion, recompute: retention.recompute,
            pauseAfterFailures: retention.failuresAllowed, failures: failures, trash: retention.trash,
            poolPressure: retention.poolPressure, timeZone: schedules.first?.schedule.zone.timeZone ?? .gmt)
    }
}

/// Which volumes a policy is for: those that any of the targets names, that all of the others name, less the excluded.
public struct PolicyTargets: Sendable, Equatable {
    /// As `create` takes them: mount point, device, `VG/LV`, `@tag`, VG.
    public var any: [String]
    /// Each of these has to name the volume as well.
    public var all: [String]
    /// None of these may.
    public var not: [String]
    /// The volumes under `/` are left out (DLM's ExcludeBootVolume).
    public var excludesRoot: Bool
    /// Instead of ``any``: every volume that no other enabled policy is for (DLM's default policy).
    public var isDefault: Bool

    public init(
        any: [String] = [], all: [String] = [], not: [String] = [], excludesRoot: Bool = false, isDefault: Bool = false
    ) {
        self.isDefault = isDefault
        self.any = any
        self.all = all
        self.not = not
        self.excludesRoot = excludesRoot
    }
}

/// What a policy says of its old sets; see ``RetentionPolicy`` for each.
public struct PolicyRetention: Sendable, Equatable {
    public var whenDisabled = RetentionPolicy.WhenLeft.keep
    public var orphans = RetentionPolicy.WhenLeft.keep
    public var orphanAge: RetainAge?
    public var extendDeletion = false
    public var recompute = RetentionPolicy.Recompute.new
    /// As it is written: `nil` when nothing is; 0: nothing is stopped. See ``failuresAllowed``.
    public var pauseAfterFailures: Int?
    public var trash: RetainAge?
    public var poolPressure: Double?

    public init() {}

    /// What holds where a policy says nothing: a policy that has been failing must not delete its way down to its floors.
    public static let usualFailures = 3

    /// After so many runs that failed in a row nothing is deleted; `nil`: that stops nothing.
    public var failuresAllowed: Int? {
        switch pauseAfterFailures {
        case nil: Self.usualFailures
        case 0: nil
        case let count: count
        }
    }
}
