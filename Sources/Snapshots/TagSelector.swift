import FoundationEssentials
public import SetModel

/// Chooses sets by their tags: `KEY=VALUE`, `KEY` (has it, whatever the value), `!KEY` (has it not); in keys and values
/// `*`, `?` and `[...]` stand for what they stand for in a shell.
///
/// Keys are those that people, policies and volumes gave; one that is written with `stillpoint.` in front is also what
/// is known of the set itself, spelled as in LVM's tags.
public struct TagSelector: Sendable, Equatable {
    private static let prefix = "stillpoint."

    private let key: String
    /// `nil`: any.
    private let value: String?
    private let isNegated: Bool

    /// `nil` for a text without a key.
    public init?(_ text: String) {
        isNegated = text.unicodeScalars.first == "!"
        let parts = SetTag.parts(String(text.unicodeScalars.drop { $0 == "!" }))
        guard !parts.key.isEmpty else { return nil }
        key = parts.key
        value = parts.value
    }

    public func matches(_ set: SnapshotSet) -> Bool {
        let tags = set.tags.map { (key: $0.key, value: $0.value) } + (key.hasPrefix(Self.prefix) ? Self.facts(set) : [])
        let isThere = tags.contains { tag in
            Glob.matches(tag.key, key) && (value.map { Glob.matches(tag.value, $0) } ?? true)
        }
        return isThere != isNegated
    }

    /// A set that several schedules asked for is each one's.
    private static func facts(_ set: SnapshotSet) -> [(key: String, value: String)] {
        let facts: [(key: String, value: String?)] = [
            ("policy", set.policy), ("expires", set.expiresAt?.formatted(.iso8601)),
            ("pre-script", set.scriptStatus(.pre)?.rawValue), ("post-script", set.scriptStatus(.post)?.rawValue),
            ("consistency", set.consistency?.rawValue), ("state", set.state.rawValue),
        ]
        let schedules = set.schedules.map { (key: prefix + "schedule", value: $0) }
        return facts.compactMap { fact in fact.value.map { (key: prefix + fact.key, value: $0) } } + schedules
    }
}
