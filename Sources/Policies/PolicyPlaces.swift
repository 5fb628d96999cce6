public import Documents

/// Where in its file a policy says things that only its host can judge: volumes, hook documents, the time.
public struct PolicyPlaces: Sendable {
    public struct Schedule: Sendable {
        /// The value of `cron`, `every`, `onCalendar` or `interval`.
        public var timing: DocumentNode
        /// The name of its hook document.
        public var hooks: DocumentNode?
    }

    public var id: DocumentNode
    /// Each of what it is for: `any` and `all`.
    public var targets: [DocumentNode] = []
    /// By id.
    public var schedules: [String: Schedule] = [:]

    init(id: DocumentNode) { self.id = id }
}
