public import FoundationEssentials
public import SetModel

/// An attempt at a stage of a hook document ended.
///
/// DLM's fields but `source`, the instance: that is the event's host. And without its `INITIATED`: while applications or
/// file systems are at rest nothing is written, so a stage is told of when all is over.
public struct PrePostScript: Sendable, Equatable, Codable {
    /// What came of the stage.
    public enum Result: String, Sendable, Codable, CaseIterable {
        case success, failed
    }

    /// A snapshot of the set.
    public struct Resource: Sendable, Equatable, Codable {
        public var status: SetState
        /// The snapshot as `VG/LV`.
        public var resourceId: String
        /// The volume as `VG/LV`.
        public var source: String

        public init(status: SetState, resourceId: String, source: String) {
            self.status = status
            self.resourceId = resourceId
            self.source = source
        }
    }

    public var scriptStage: HookStage
    public var result: Result
    /// Why it failed, with what an exit code means.
    public var cause: String?
    public var policyId: String?
    /// The hook document's name.
    public var executionHandler: String
    /// `EBS_SNAPSHOT` in DLM.
    public var resourceType = "SNAPSHOT_SET"
    public var resources: [Resource]
    /// The set's id; DLM's is that of the call to EC2.
    public var requestId: String
    /// The name of the set; not in DLM.
    public var setName: String
    /// From 1; not in DLM.
    public var attempt: Int?
    public var startTime: Date?
    public var endTime: Date?
    /// When it would have been ended.
    public var timeoutTime: Date?

    /// - Parameter set: as far as it is known; its members are the resources.
    public init(
        _ set: SnapshotSet, stage: HookStage, result: Result, executionHandler: String, cause: String? = nil,
        attempt: Int? = nil, startTime: Date? = nil, endTime: Date? = nil, timeoutTime: Date? = nil
    ) {
        scriptStage = stage
        self.result = result
        self.cause = cause
        policyId = set.policy
        self.executionHandler = executionHandler
        resources = set.members.map { Resource(status: set.state, resourceId: $0.snapshot, source: $0.volume) }
        requestId = set.id
        setName = set.name
        self.attempt = attempt
        self.startTime = startTime
        self.endTime = endTime
        self.timeoutTime = timeoutTime
    }

    var sentence: String {
        let what = result == .success ? "succeeded" : "failed"
        return "\(scriptStage.rawValue) of hook document \(executionHandler) \(what) for set \(setName)"
            + (cause.map { ": " + $0 } ?? "")
    }
}
