import FoundationEssentials
import Lifecycle
import Policies

/// How a policy is, by its file and what is remembered of its runs.
struct PolicyCondition {
    /// DLM's words: ENABLED, DISABLED, or ERROR while creations fail.
    let state: String
    /// Why creations fail, and since when; also of a policy that was disabled meanwhile.
    let problem: String?
    let since: Date?

    init(_ policy: Policy, _ memory: PolicyMemory?) {
        var memory = memory
        memory?.forgetTroubles(butOf: policy)
        problem = memory?.problem
        since = memory?.problemAt
        state = policy.state == .enabled && problem != nil ? "ERROR" : policy.state.rawValue
    }

    /// For programs.
    var json: [(key: String, value: JSON)] {
        [
            ("state", .string(state)), ("error", .string(problem)), ("errorSince", .string(since.map(Words.time))),
        ]
    }
}
