public import FoundationEssentials

/// How far a sink is.
public struct SinkCursor: Sendable, Equatable, Codable {
    /// The last event that it has got, or with which it began.
    public var sequence: UInt64
    /// Why it did not take the next one, and when; `nil`: it took the last one that it was given.
    public var problem: String?
    public var problemAt: Date?

    public init(sequence: UInt64, problem: String? = nil, problemAt: Date? = nil) {
        self.sequence = sequence
        self.problem = problem
        self.problemAt = problemAt
    }
}
