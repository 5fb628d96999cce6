public import SetModel

/// Chooses sets by their user tags: `KEY=VALUE`, `KEY` (has it, whatever the value), `!KEY` (has it not); in keys and
/// values `*`, `?` and `[...]` stand for what they stand for in a shell.
public struct TagSelector: Sendable, Equatable {
    private let key: String
    /// `nil`: any.
    private let value: String?
    private let isNegated: Bool

    /// `nil` for a text without a key.
    public init?(_ text: String) {
        isNegated = text.hasPrefix("!")
        let parts = text.drop { $0 == "!" }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, !first.isEmpty else { return nil }
        key = String(first)
        value = parts.count > 1 ? String(parts[1]) : nil
    }

    public func matches(_ set: SnapshotSet) -> Bool {
        let isThere = set.tags.contains { tag in
            Glob.matches(tag.key, key) && (value.map { Glob.matches(tag.value, $0) } ?? true)
        }
        return isThere != isNegated
    }
}
