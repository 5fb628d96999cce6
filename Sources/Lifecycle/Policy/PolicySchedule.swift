/// One of a policy's schedules: when, what is done around it, and how long its sets are kept.
public struct PolicySchedule: Sendable, Equatable, Identifiable {
    public var schedule: Schedule
    public var retain: RetainRule
    /// What is said of its sets.
    public var tags: PolicyTags
    /// DLM's CreateRule.Scripts.
    public var scripts: PolicyScripts?

    public var id: String { schedule.id }

    public init(
        schedule: Schedule, retain: RetainRule, tags: PolicyTags = PolicyTags(), scripts: PolicyScripts? = nil
    ) {
        self.schedule = schedule
        self.retain = retain
        self.tags = tags
        self.scripts = scripts
    }
}

/// Which tags the sets of a schedule get.
public struct PolicyTags: Sendable, Equatable {
    /// LVM tags of the volumes that become tags of the set, by name, with `*` and `?` (DLM's CopyTags: all or none).
    public var copied: [String]
    /// DLM's TagsToAdd.
    public var added: [String: String]
    /// DLM's VariableTags: values with `$(timestamp)` and the like.
    public var variable: [String: String]

    public init(copied: [String] = [], added: [String: String] = [:], variable: [String: String] = [:]) {
        self.copied = copied
        self.added = added
        self.variable = variable
    }
}

/// The hook document of a schedule, and how it is run.
public struct PolicyScripts: Sendable, Equatable {
    /// DLM's ExecuteOperationOnScriptFailure, true or false.
    public enum OnFailure: String, Sendable, CaseIterable {
        case crashConsistent = "crash-consistent"
        case skip
    }

    public enum Stage: String, Sendable, CaseIterable { case pre, post }

    /// Of `/etc/stillpoint/hooks.d` (DLM's ExecutionHandler).
    public var document: String
    public var parameters: [String: String]
    /// Which parts of the document are run: `pre` (with `hold`), `post`, or both (DLM's Stages).
    public var stages: [Stage] = Stage.allCases
    /// In 64 hexadecimal digits; `nil`: any document of that name.
    public var sha256: String?
    /// 10 s in DLM.
    public var timeout: Duration
    /// 0 to 3 (DLM's MaximumRetryCount).
    public var retries: Int
    public var onFailure: OnFailure

    public init(
        document: String, parameters: [String: String] = [:], sha256: String? = nil, timeout: Duration = .seconds(10),
        retries: Int = 0, onFailure: OnFailure = .crashConsistent
    ) {
        self.document = document
        self.parameters = parameters
        self.sha256 = sha256
        self.timeout = timeout
        self.retries = retries
        self.onFailure = onFailure
    }
}
