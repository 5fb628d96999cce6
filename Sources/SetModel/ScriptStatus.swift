/// How a stage of a set's hook document ended (the values of DLM's tags `aws:dlm:pre-script` and `aws:dlm:post-script`).
public enum ScriptStatus: String, Sendable, Equatable, Codable {
    case success = "SUCCESS"
    case failed = "FAILED"
}

extension SnapshotSet {
    /// The last attempt decides; `hold` counts as `pre`. `nil`: nothing of the stage was run, or the catalog that knew
    /// it was lost.
    public func scriptStatus(_ stage: HookStage) -> ScriptStatus? {
        lastAttempt(stage).map { $0.failure == nil ? .success : .failed }
    }

    /// The first step that failed in the last attempt at a stage; `nil`: nothing of the stage was run.
    public func lastAttempt(_ stage: HookStage) -> (attempt: Int, failure: HookResult?)? {
        let results = hooks.filter { $0.stage == stage || stage == .pre && $0.stage == .hold }
        guard let attempt = results.map(\.attempt).max() else { return nil }
        return (attempt, results.first { $0.attempt == attempt && $0.status != .succeeded })
    }
}
