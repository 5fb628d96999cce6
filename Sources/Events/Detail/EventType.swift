/// What `detailType` says.
public enum EventType: String, Sendable, Codable, CaseIterable {
    /// Amazon DLM: `DLM Policy State Change`, there only when a policy gets into ERROR.
    case policyStateChange = "Policy State Change"
    /// Amazon DLM: `DLM Pre Post Script Notification`.
    case prePostScript = "Pre Post Script Notification"
    /// DLM leaves this to EBS: `EBS Multi-Volume Snapshots Completion Status`.
    case setCreated = "Set Created"
    /// Nothing in DLM, nor for a deletion by rule in EBS.
    case setDeleted = "Set Deleted"
    /// Nothing in DLM: it has no trash of its own.
    case setTrashed = "Set Trashed"
    /// Nothing in DLM, whose scripts thaw by themselves (exit code 203).
    case failsafeFired = "Failsafe Fired"
    /// Nothing in DLM: whoever waits for its event never hears of a run that was not.
    case missedRuns = "Missed Runs"
    /// Ours: the log had to let go of events that a sink never got. DLM's events are best effort, and say nothing.
    case eventsDropped = "Events Dropped"
}
