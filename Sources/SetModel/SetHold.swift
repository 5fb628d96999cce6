public import FoundationEssentials

/// Someone's word that a set stays: nothing deletes it, by rule or by hand.
public struct SetHold: Sendable, Codable, Equatable {
    public var reason: String
    /// Whole seconds; `nil`: until it is released.
    public var until: Date?

    public init(reason: String, until: Date? = nil) {
        self.reason = reason
        self.until = until
    }

    /// It still keeps its set.
    public func lasts(at now: Date) -> Bool { until.map { $0 > now } ?? true }

    /// It ends later than another one.
    func lastsLonger(than other: SetHold) -> Bool { (until ?? .distantFuture) > (other.until ?? .distantFuture) }

    /// In one sentence without a full stop, for people.
    public var sentence: String { "held\(until.map { " until " + $0.formatted(.iso8601) } ?? ""): \(reason)" }
}
