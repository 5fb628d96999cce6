import FoundationEssentials
import SetModel

extension AttributeEncoding {
    /// The set whose file this is. Everything in it must be understood: what is dropped here would be lost when the
    /// set is saved again.
    func set(id: String) throws(AttributeError) -> SnapshotSet {
        var fields = Fields(attributes)
        // The version first: what follows depends on it.
        let version: Int = try fields.required(Key.version, "number") { Int($0) }
        guard version == Self.version else {
            throw AttributeError(Key.version, "is \(version), of which this release knows nothing")
        }
        let name: String = try fields.required(Key.name, "name") { $0 }
        let state: SetState = try fields.required(Key.state, "state") { SetState(rawValue: $0) }
        let consistency: Consistency? = try fields.optional(Key.consistency, "consistency") {
            Consistency(rawValue: $0)
        }
        let window: Double? = try fields.optional(Key.window, "number") { Double($0) }
        let memberCount: Int = try fields.required(Key.members, "number") { Int($0) }
        let preScript: ScriptStatus? = try fields.optional(Key.preScript, "status") { ScriptStatus(rawValue: $0) }
        let postScript: ScriptStatus? = try fields.optional(Key.postScript, "status") { ScriptStatus(rawValue: $0) }
        let set = SnapshotSet(
            id: id, name: name, state: state, consistency: consistency,
            consistencyReason: try fields.text(Key.reason),
            createdAt: try fields.required(Key.created, "time", AttributeDate.date),
            expiresAt: try fields.optional(Key.expires, "time", AttributeDate.date),
            policy: try fields.text(Key.policy), schedule: try fields.text(Key.schedule),
            tags: try Self.tags(&fields), frozenWindowMs: window, memberCount: memberCount,
            members: try Self.members(&fields), hooks: try hooks(&fields), hold: try Self.hold(&fields),
            purgeAt: try fields.optional(Key.purge, "time", AttributeDate.date), preScript: preScript,
            postScript: postScript)
        if let stranger = fields.remaining {
            throw AttributeError("\(stranger) does not belong to a set, or to this one")
        }
        return set
    }

    private static func tags(_ fields: inout Fields) throws(AttributeError) -> [String: String] {
        var tags: [String: String] = [:]
        for (key, bytes) in fields.numbered(Key.tag) {
            guard let tag = AttributeTag(bytes) else { throw AttributeError(key, "is not KEY=VALUE") }
            guard tags.updateValue(tag.value, forKey: tag.key) == nil else {
                throw AttributeError(key, "has a key that another tag has too")
            }
        }
        return tags
    }

    private static func members(_ fields: inout Fields) throws(AttributeError) -> [Member] {
        var members: [Member] = []
        for (key, bytes) in fields.numbered(Key.member) {
            let member: Member = try AttributeJSON.value(bytes, key)
            if let last = members.last, last.index >= member.index {
                throw AttributeError(key, "has the index \(member.index) after \(last.index)")
            }
            members.append(member)
        }
        return members
    }

    private func hooks(_ fields: inout Fields) throws(AttributeError) -> [HookResult] {
        var texts: [HookTexts] = []
        if !content.isEmpty {
            do throws(AttributeError) {
                texts = try AttributeJSON.value(content, Key.hook)
            } catch {
                throw AttributeError("its content is not what hooks wrote")
            }
        }
        let entries = fields.numbered(Key.hook)
        guard entries.count == texts.count else {
            throw AttributeError(
                "\(Self.prefix)\(Key.hook).* are \(entries.count), and its content is what \(texts.count) hooks wrote")
        }
        var results: [HookResult] = []
        for (one, text) in zip(entries, texts) {
            let entry: HookEntry = try AttributeJSON.value(one.bytes, one.key)
            results.append(entry.result(text))
        }
        return results
    }

    private static func hold(_ fields: inout Fields) throws(AttributeError) -> SetHold? {
        guard let reason = try fields.text(Key.hold) else { return nil }
        return SetHold(reason: reason, until: try fields.optional(Key.heldUntil, "time", AttributeDate.date))
    }
}

/// The attributes of a file that were not asked for yet.
private struct Fields {
    private var values: [String: [UInt8]]

    init(_ attributes: [AttributeEncoding.Attribute]) {
        values = Dictionary(attributes.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
    }

    /// The name of one that nobody asked for.
    var remaining: String? { values.keys.min() }

    mutating func text(_ key: String) throws(AttributeError) -> String? {
        guard let bytes = take(key) else { return nil }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw AttributeError(key, "is not UTF-8") }
        return text
    }

    mutating func optional<Value>(
        _ key: String, _ what: String, _ read: (String) -> Value?
    ) throws(AttributeError) -> Value? {
        guard let found = try text(key) else { return nil }
        guard let value = read(found) else { throw AttributeError(key, "is \(found.debugDescription), no \(what)") }
        return value
    }

    mutating func required<Value>(
        _ key: String, _ what: String, _ read: (String) -> Value?
    ) throws(AttributeError) -> Value {
        guard let value = try optional(key, what, read) else { throw AttributeError(key, "is missing") }
        return value
    }

    /// All of a kind, up to the first number that is not there.
    mutating func numbered(_ key: String) -> [(key: String, bytes: [UInt8])] {
        var found: [(key: String, bytes: [UInt8])] = []
        while true {
            let one = AttributeEncoding.Key.numbered(key, found.count + 1)
            guard let bytes = take(one) else { return found }
            found.append((one, bytes))
        }
    }

    private mutating func take(_ key: String) -> [UInt8]? {
        values.removeValue(forKey: AttributeEncoding.prefix + key)
    }
}
