/// How a stage of a set's hook document ended (the values of DLM's tags `aws:dlm:pre-script` and `aws:dlm:post-script`).
public enum ScriptStatus: String, Sendable, Equatable, Codable {
    case success = "SUCCESS"
    case failed = "FAILED"
}

extension [HookResult] {
    /// The attempts at a stage, the first one first, each with its steps. DLM knows no `hold`: it belongs to `pre`.
    public func attempts(at stage: HookStage) -> [[HookResult]] {
        let steps = filter { $0.stage == stage || stage == .pre && $0.stage == .hold }
        return Dictionary(grouping: steps, by: \.attempt).sorted { $0.key < $1.key }.map(\.value)
    }

    /// The first that failed.
    public var failure: HookResult? { first { $0.status != .succeeded } }
}

extension SnapshotSet {
    /// The last attempt decides; of a set whose catalog was lost its tags tell. `nil`: nothing of the stage was run.
    public func scriptStatus(_ stage: HookStage) -> ScriptStatus? {
        guard hooks.isEmpty else {
            return hooks.attempts(at: stage).last.map { $0.failure == nil ? .success : .failed }
        }
        return stage == .post ? postScript : preScript
    }
}
