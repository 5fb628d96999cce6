public import Documents
public import Lifecycle
public import SystemPackage

/// A policy that is about to be written down: what a person, or another program's policy, says.
public struct PolicyDraft: Sendable {
    /// One of its schedules. Values are as the file has them.
    public struct Part: Sendable {
        public var id: String
        /// `every: 1h`, `cron: ...`, and what goes with them, in the file's words.
        public var create: [(key: String, value: DocumentValue)] = []
        public var retain: [(key: String, value: DocumentValue)] = []
        public var more: [(key: String, value: DocumentValue)] = []

        public init(id: String) { self.id = id }
    }

    public var id: String
    public var summary: String?
    public var state = Policy.State.enabled
    /// Empty: a default policy.
    public var targets: [String] = []
    public var exclude: [(key: String, value: DocumentValue)] = []
    public var parts: [Part] = []
    /// Further keys of the policy.
    public var more: [(key: String, value: DocumentValue)] = []

    public init(id: String) { self.id = id }

    /// The file's text, and the policy that it means.
    ///
    /// - Parameter file: where it will be, for errors.
    /// - Throws: ``DocumentError`` for what no policy can say.
    public func written(as file: FilePath) throws -> (text: String, policy: Policy) {
        var fields: [(key: String, value: DocumentValue)] = [("id", .text(id))]
        if let summary { fields.append(("description", .text(summary))) }
        fields.append(("state", .text(state.rawValue)))
        fields.append(targets.isEmpty ? ("default", .flag(true)) : ("targets", .texts(targets)))
        if !exclude.isEmpty { fields.append(("exclude", .fields(exclude))) }
        fields += more
        fields.append(
            (
                "schedules",
                .list(
                    parts.map { part in
                        .fields(
                            [
                                ("id", .text(part.id)), ("create", .fields(part.create)),
                                ("retain", .fields(part.retain)),
                            ] + part.more)
                    })
            ))
        let text = try DocumentValue.fields(fields).yaml()
        return (text, try PolicyReader(root: DocumentNode(parsing: text, file: file)).policy())
    }
}
