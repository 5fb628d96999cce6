import FoundationEssentials
import SetModel

/// A set as the extended attributes and the content of its file.
///
/// Whoever reads them with getfattr(1) understands them: one value in each, a member or a hook as JSON. What hooks
/// wrote is the content, since it is longer than most file systems let an attribute be. What a release has shipped
/// stays as it is; another form gets another ``version``.
struct AttributeEncoding: Sendable, Equatable {
    /// One extended attribute.
    struct Attribute: Sendable, Equatable {
        let name: String
        let value: [UInt8]
    }

    /// Names that begin otherwise are someone else's.
    static let prefix = "user.stillpoint."
    static let version = 1

    let attributes: [Attribute]
    /// A JSON array with what each hook wrote, in their order; nothing without hooks.
    let content: [UInt8]

    /// Of all names and values.
    var attributeBytes: Int { attributes.reduce(0) { $0 + $1.name.utf8.count + $1.value.count } }

    enum Key {
        static let version = "version"
        static let name = "name"
        static let state = "state"
        static let consistency = "consistency"
        static let reason = "reason"
        static let created = "created"
        static let expires = "expires"
        static let policy = "policy"
        static let schedule = "schedule"
        static let window = "window"
        static let members = "members"
        static let hold = "hold"
        static let heldUntil = "held-until"
        static let purge = "purge"
        static let preScript = "pre-script"
        static let postScript = "post-script"
        static let tag = "tag"
        static let member = "member"
        static let hook = "hook"

        /// The attribute of one of several; from 1.
        static func numbered(_ key: String, _ number: Int) -> String { "\(key).\(number)" }
    }
}

/// Why a set cannot be written as attributes, or attributes are not those of a set.
struct AttributeError: Error, CustomStringConvertible {
    let description: String

    init(_ problem: String) { description = problem }

    /// From a key of ``AttributeEncoding/Key``, and what is wrong with its attribute.
    init(_ key: String, _ problem: String) { description = "\(AttributeEncoding.prefix)\(key) \(problem)" }
}

extension AttributeEncoding {
    init(_ set: SnapshotSet) throws(AttributeError) {
        let texts: [(key: String, text: String?)] = [
            (Key.version, String(Self.version)),
            (Key.name, set.name),
            (Key.state, set.state.rawValue),
            (Key.consistency, set.consistency?.rawValue),
            (Key.reason, set.consistencyReason),
            (Key.created, AttributeDate.text(set.createdAt)),
            (Key.expires, set.expiresAt.map(AttributeDate.text)),
            (Key.policy, set.policy),
            (Key.schedule, set.schedule),
            (Key.window, set.frozenWindowMs?.description),
            (Key.members, String(set.memberCount)),
            (Key.hold, set.hold?.reason),
            (Key.heldUntil, set.hold?.until.map(AttributeDate.text)),
            (Key.purge, set.purgeAt.map(AttributeDate.text)),
            (Key.preScript, set.preScript?.rawValue),
            (Key.postScript, set.postScript?.rawValue),
        ]
        var attributes: [Attribute] = []
        func append(_ key: String, _ value: [UInt8]) {
            attributes.append(Attribute(name: Self.prefix + key, value: value))
        }
        for (key, text) in texts {
            if let text { append(key, Array(text.utf8)) }
        }
        let tags = set.tags.sorted { $0.key < $1.key }
        for (index, tag) in tags.enumerated() {
            append(Key.numbered(Key.tag, index + 1), AttributeTag.bytes(tag.key, tag.value))
        }
        let members = set.members.sorted { $0.index < $1.index }
        for (member, next) in zip(members, members.dropFirst()) where member.index == next.index {
            throw AttributeError("two of its members have the index \(member.index)")
        }
        for (index, member) in members.enumerated() {
            append(Key.numbered(Key.member, index + 1), try AttributeJSON.bytes(member))
        }
        for (index, hook) in set.hooks.enumerated() {
            append(Key.numbered(Key.hook, index + 1), try AttributeJSON.bytes(HookEntry(hook)))
        }
        self.attributes = attributes
        content = try set.hooks.isEmpty ? [] : AttributeJSON.bytes(set.hooks.map { HookTexts($0) })
    }
}
