/// What was found in the log.
public struct EventReading: Sendable, Equatable {
    /// In order.
    public var events: [Event]
    /// A sentence for each file with lines that are no events, as a power cut leaves them.
    public var problems: [String]

    public init(events: [Event] = [], problems: [String] = []) {
        self.events = events
        self.problems = problems
    }
}
