/// A policy is in another state than before.
public struct PolicyStateChange: Sendable, Equatable, Codable {
    /// DLM's words.
    public enum State: String, Sendable, Codable, CaseIterable {
        case enabled = "ENABLED"
        case disabled = "DISABLED"
        /// The last creation failed.
        case error = "ERROR"
    }

    public var state: State
    /// Why, in one sentence.
    public var cause: String
    public var policyId: String

    public init(policyId: String, state: State, cause: String) {
        self.policyId = policyId
        self.state = state
        self.cause = cause
    }

    var sentence: String { "policy \(policyId) is now \(state.rawValue)" + (cause.isEmpty ? "" : ": \(cause)") }
}
