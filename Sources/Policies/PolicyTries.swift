public import FoundationEssentials

/// A run of a schedule for which nothing could be taken yet.
public struct PolicyTries: Sendable, Codable, Equatable {
    /// When it was to be.
    public var run: Date
    /// When it was tried first; `nil`: nothing could be tried yet.
    private var first: Date?
    /// From the first time that it was tried until the last.
    public private(set) var seconds: Double = 0

    public init(run: Date) { self.run = run }

    /// It was tried in vain.
    mutating func note(_ now: Date) {
        let first = first ?? now
        self.first = first
        seconds = now.timeIntervalSince(first)
    }
}
