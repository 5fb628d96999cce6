import SetModel

/// What happened; each kind has the fields that `detail` has in the JSON, named as Amazon DLM names them where it has
/// them, in camelCase.
public enum EventDetail: Sendable, Equatable {
    case policyStateChange(PolicyStateChange)
    case prePostScript(PrePostScript)
    case setCreated(SetNotice)
    case setDeleted(SetNotice)
    case setTrashed(SetNotice)
    case failsafeFired(FailsafeFired)
    case missedRuns(MissedRuns)
    case eventsDropped(EventsDropped)

    public var type: EventType {
        switch self {
        case .policyStateChange: .policyStateChange
        case .prePostScript: .prePostScript
        case .setCreated: .setCreated
        case .setDeleted: .setDeleted
        case .setTrashed: .setTrashed
        case .failsafeFired: .failsafeFired
        case .missedRuns: .missedRuns
        case .eventsDropped: .eventsDropped
        }
    }

    /// The policy that it is about; `nil`: none.
    public var policyId: String? {
        switch self {
        case .policyStateChange(let detail): detail.policyId
        case .prePostScript(let detail): detail.policyId
        case .setCreated(let detail), .setDeleted(let detail), .setTrashed(let detail): detail.policyId
        case .failsafeFired(let detail): detail.policyId
        case .missedRuns(let detail): detail.policyId
        case .eventsDropped: nil
        }
    }

    /// The set that it is about; `nil`: none.
    public var setId: String? {
        switch self {
        case .prePostScript(let detail): detail.requestId
        case .setCreated(let detail), .setDeleted(let detail), .setTrashed(let detail): detail.setId
        case .failsafeFired(let detail): detail.setId
        case .policyStateChange, .missedRuns, .eventsDropped: nil
        }
    }

    /// The name of ``setId``.
    public var setName: String? {
        switch self {
        case .prePostScript(let detail): detail.setName
        case .setCreated(let detail), .setDeleted(let detail), .setTrashed(let detail): detail.setName
        case .failsafeFired(let detail): detail.setName
        case .policyStateChange, .missedRuns, .eventsDropped: nil
        }
    }

    /// In one sentence without a full stop, for people.
    public var sentence: String {
        switch self {
        case .policyStateChange(let detail): detail.sentence
        case .prePostScript(let detail): detail.sentence
        case .setCreated(let detail):
            detail.sentence("taken") + (detail.consistency.map { ", \($0.rawValue)-consistent" } ?? "")
        case .setDeleted(let detail): detail.sentence("deleted")
        case .setTrashed(let detail): detail.sentence("put into trash")
        case .failsafeFired(let detail): detail.sentence
        case .missedRuns(let detail): detail.sentence
        case .eventsDropped(let detail): detail.sentence
        }
    }

    /// How much it matters, as syslog(3) counts: 3 an error, 4 a warning, 6 information.
    public var priority: Int {
        switch self {
        case .policyStateChange(let detail): detail.state == .error ? 3 : 6
        case .prePostScript(let detail): detail.result == .failed ? 4 : 6
        case .setCreated, .setDeleted, .setTrashed: 6
        case .failsafeFired: 3
        case .missedRuns, .eventsDropped: 4
        }
    }
}

extension EventDetail: Encodable {
    init(_ type: EventType, from decoder: any Decoder) throws {
        self =
            switch type {
            case .policyStateChange: .policyStateChange(try PolicyStateChange(from: decoder))
            case .prePostScript: .prePostScript(try PrePostScript(from: decoder))
            case .setCreated: .setCreated(try SetNotice(from: decoder))
            case .setDeleted: .setDeleted(try SetNotice(from: decoder))
            case .setTrashed: .setTrashed(try SetNotice(from: decoder))
            case .failsafeFired: .failsafeFired(try FailsafeFired(from: decoder))
            case .missedRuns: .missedRuns(try MissedRuns(from: decoder))
            case .eventsDropped: .eventsDropped(try EventsDropped(from: decoder))
            }
    }

    /// The fields of its kind: which one it is stands beside it.
    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .policyStateChange(let detail): try detail.encode(to: encoder)
        case .prePostScript(let detail): try detail.encode(to: encoder)
        case .setCreated(let detail), .setDeleted(let detail), .setTrashed(let detail): try detail.encode(to: encoder)
        case .failsafeFired(let detail): try detail.encode(to: encoder)
        case .missedRuns(let detail): try detail.encode(to: encoder)
        case .eventsDropped(let detail): try detail.encode(to: encoder)
        }
    }
}
