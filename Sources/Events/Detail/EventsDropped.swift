/// The log was larger than it may be, and let go of events that a sink had not got.
public struct EventsDropped: Sendable, Equatable, Codable {
    /// The sinks that will never get them.
    public var sinks: [String]
    /// The first that is gone; see ``Event/sequence``.
    public var firstSequence: UInt64
    public var lastSequence: UInt64
    public var cause: String

    public init(sinks: [String], firstSequence: UInt64, lastSequence: UInt64, cause: String) {
        self.sinks = sinks
        self.firstSequence = firstSequence
        self.lastSequence = lastSequence
        self.cause = cause
    }

    var sentence: String {
        "events \(firstSequence) to \(lastSequence) are gone, undelivered to \(sinks.joined(separator: ", ")): \(cause)"
    }
}
