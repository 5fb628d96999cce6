public import FoundationEssentials
public import SetModel

/// Why a set stays or goes. The first that applies decides: the cases stand in their order of precedence.
public enum RetentionReason: Sendable, Equatable {
    // It stays.

    /// None of the policies that were asked about: never touched.
    case otherPolicy(String?)
    /// The catalog does not know it: never touched, and takes nobody's place.
    case unknown
    case held(SetHold)
    case inTrash(until: Date)
    /// Staged: a run is making it, or `recover` removes what that run left.
    case unfinished
    /// `recover` ends what was begun.
    case beingDeleted
    /// Its time is still to come: the clock was ahead when it was made. It takes nobody's place meanwhile.
    case aheadOfClock
    /// Of the policy; or, of volumes that are gone, when ``RetentionPolicy/extendDeletion`` is off.
    case newestComplete
    /// It is degraded, and nothing newer is better.
    case noNewerComplete
    /// Of these volumes (`VG/LV`), which newer sets do not have: they are gone, or no longer what the policy is for.
    case newestOfVolumes([String])
    /// The floor of a schedule.
    case keepLast(RetentionWant)
    /// By count, age or slot.
    case wanted([RetentionWant])
    /// It is degraded; were it whole, it would be wanted. It takes nobody's place.
    case wantedIfWhole([RetentionWant])
    case notExpired(until: Date)
    /// Made outside of any schedule, and without an expiry.
    case noExpiry
    /// An orphan: there is no policy with this id any more.
    case policyGone(String)
    /// An orphan: its schedules (these ids) are no longer in the policy.
    case schedulesGone([String])
    /// An orphan: its volumes are gone.
    case volumesGone
    case policyDisabled
    case paused(failures: Int)
    /// It would go by age. So many seconds the clock seems to be ahead.
    case clockInDoubt(ahead: TimeInterval)

    // It goes.

    case trashEnded(Date)
    /// By its schedules: all of them let it go.
    case unwanted([RetentionSchedule])
    /// An orphan, or made outside of any schedule.
    case expired(Date)
    case poolPressure(pool: String, PoolUsage.Part, percent: Double, above: Double)

    /// For programs.
    public var code: String { words.code }

    /// For people: one sentence without a full stop.
    public var sentence: String { words.sentence }

    private var words: (code: String, sentence: String) {
        switch self {
        case .otherPolicy(let id): ("otherPolicy", id.map { "belongs to policy \($0)" } ?? "belongs to no policy")
        case .unknown: ("unknown", "not in this host's catalog; if it is this host's, `stillpoint reindex` takes it in")
        case .held(let hold): ("held", hold.sentence)
        case .inTrash(let end): ("inTrash", "in trash until \(end.text)")
        case .unfinished: ("unfinished", "not complete yet")
        case .beingDeleted: ("beingDeleted", "already being deleted")
        case .aheadOfClock: ("aheadOfClock", "made while the clock was ahead; it takes no place until that time")
        case .newestComplete: ("newestComplete", "the newest complete set")
        case .noNewerComplete: ("noNewerComplete", "degraded, but there is no newer complete set")
        case .newestOfVolumes(let names):
            ("newestOfVolumes", "the newest set of volume\(names.count == 1 ? "" : "s") \(Words.list(names))")
        case .keepLast(let want): ("keepLast", "always kept by \(want)")
        case .wanted(let wants): ("wanted", "wanted by \(wants.text)")
        case .wantedIfWhole(let wants): ("wantedIfWhole", "degraded; whole it would be wanted by \(wants.text)")
        case .notExpired(let end): ("notExpired", "expires \(end.text)")
        case .noExpiry: ("noExpiry", "made outside of any schedule, and never expires")
        case .policyGone(let id): ("policyGone", "orphan: there is no policy \(id) any more")
        case .schedulesGone(let ids):
            ("schedulesGone", "orphan: the policy no longer has schedule \(ids.joined(separator: ", "))")
        case .volumesGone: ("volumesGone", "orphan: its volumes are gone")
        case .policyDisabled: ("policyDisabled", "would go, but its policy is disabled")
        case .paused(let failures): ("paused", "would go, but the last \(failures) runs of a schedule failed")
        case .clockInDoubt(let ahead):
            ("clockInDoubt", "would go, but the clock jumped ahead by \(ahead.span)")
        case .trashEnded(let end): ("trashEnded", "its time in trash ended \(end.text)")
        case .unwanted(let schedules):
            ("unwanted", "no longer wanted by \(schedules.map { "\($0.id) (\($0.rule))" }.joined(separator: ", "))")
        case .expired(let end): ("expired", "expired \(end.text)")
        case .poolPressure(let pool, let part, let percent, let above):
            ("poolPressure", "\(part.rawValue) of pool \(pool) is \(percent) % full, above \(above) %")
        }
    }

    /// Pool pressure may overrule it: a promise of the rules, not a protection. A pause yields too: creations fail
    /// because a pool is full, and go on failing until something is deleted. And so does a doubt about an age.
    var yieldsToPressure: Bool {
        switch self {
        case .wanted, .wantedIfWhole, .notExpired, .paused, .clockInDoubt: true
        default: false
        }
    }
}

extension TimeInterval {
    /// `36 hours`, `12 days`: rounded down. What does not fit was no clock.
    fileprivate var span: String {
        let hours = Int(exactly: (self / 3600).rounded(.down)) ?? .max
        return hours < 48 ? "\(hours) hour\(hours == 1 ? "" : "s")" : "\(hours / 24) days"
    }
}

extension Date {
    fileprivate var text: String { formatted(.iso8601) }
}

extension [RetentionWant] {
    fileprivate var text: String { map(\.description).joined(separator: ", ") }
}
