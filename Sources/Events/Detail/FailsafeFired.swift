public import SetModel

/// Something stood longer than it may, and was released without its owner.
public struct FailsafeFired: Sendable, Equatable, Codable {
    /// Whose time was over.
    public var failsafe: SnapshotError.Failsafe
    /// What was released, and why.
    public var cause: String
    public var policyId: String?
    /// `nil` for a freeze by hand.
    public var setId: String?
    public var setName: String?
    /// The hook document's name; `nil`: none.
    public var executionHandler: String?

    public init(
        _ failsafe: SnapshotError.Failsafe, cause: String, policyId: String? = nil, setId: String? = nil,
        setName: String? = nil, executionHandler: String? = nil
    ) {
        self.failsafe = failsafe
        self.cause = cause
        self.policyId = policyId
        self.setId = setId
        self.setName = setName
        self.executionHandler = executionHandler
    }

    var sentence: String {
        "the failsafe of \(failsafe == .hooks ? "the hooks" : "the freeze") fired"
            + (setName.map { " for set " + $0 } ?? "") + ": \(cause)"
    }
}
