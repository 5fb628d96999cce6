import FoundationEssentials
import SetModel

/// A member and what its tags tell of its set.
struct TaggedMember {
    var member: Member
    var volumeGroupUUID: String
    var setID: String
    var name: String
    var memberCount: Int
    var createdAt: Date
    var expiresAt: Date?
    var policy: String?
    var schedule: String?
    var tags: [String: String]
    var hold: SetHold?
    var purgeAt: Date?
    /// Only the first member has these.
    var state: SetState?
    var consistency: Consistency?
    var consistencyReason: String?
    var frozenWindowMs: Double?
    var preScript: ScriptStatus?
    var postScript: ScriptStatus?

    /// `nil` for a volume that is no member of a set. Throws ``LVMError/Code/damagedTags`` for one that says that it
    /// is, and whose tags do not tell all. Tags of later versions are passed over.
    init?(_ volume: LogicalVolume) throws(LVMError) {
        guard volume.tags.contains(where: { $0.hasPrefix(LVMTag.prefix + MemberTags.Key.set + "=") }) else {
            return nil
        }
        let read = try TagReader(volume)
        // Whoever brings a disk writes its tags, and these become the names of files and directories.
        setID = try read.text(MemberTags.Key.set, SetName.isID)
        name = try read.text(MemberTags.Key.name, SetName.isValid)
        memberCount = try read.value(MemberTags.Key.members) { Int($0) }
        createdAt = try read.value(MemberTags.Key.created, TagReader.date)
        expiresAt = try read.optional(MemberTags.Key.expires, TagReader.date)
        policy = read.values[MemberTags.Key.policy]
        schedule = read.values[MemberTags.Key.schedule]
        tags = read.user
        if let reason = read.values[MemberTags.Key.hold] {
            hold = SetHold(reason: reason, until: try read.optional(MemberTags.Key.heldUntil, TagReader.date))
        }
        purgeAt = try read.optional(MemberTags.Key.purge, TagReader.date)
        state = try read.optional(MemberTags.Key.state) { SetState(rawValue: $0) }
        consistency = try read.optional(MemberTags.Key.consistency) { Consistency(rawValue: $0) }
        consistencyReason = read.values[MemberTags.Key.reason]
        frozenWindowMs = try read.optional(MemberTags.Key.window) { Double($0) }
        // For people: a word of a later version is no reason to lose the set.
        preScript = read.values[MemberTags.Key.preScript].flatMap(ScriptStatus.init(rawValue:))
        postScript = read.values[MemberTags.Key.postScript].flatMap(ScriptStatus.init(rawValue:))
        volumeGroupUUID = volume.volumeGroupUUID
        member = Member(
            index: try read.value(MemberTags.Key.member) { Int($0) },
            volume: try read.text(MemberTags.Key.volume) { VolumeWord.isVolume($0) },
            originUUID: try read.text(MemberTags.Key.origin),
            snapshot: volume.fullName, snapshotUUID: volume.uuid, thinID: volume.thinID,
            sizeBytes: volume.sizeBytes, filesystem: read.values[MemberTags.Key.filesystem],
            mountPoint: read.values[MemberTags.Key.mount])
        guard memberCount > 0, (1...memberCount).contains(member.index) else {
            throw read.damaged("it says that it is member \(member.index) of \(memberCount)")
        }
        guard member.index > 1 || state != nil else { throw read.damaged("the first member does not tell the state") }
    }
}

/// The tags of ours on one volume, by key.
private struct TagReader {
    var values: [String: String] = [:]
    var user: [String: String] = [:]
    private let volume: String

    init(_ volume: LogicalVolume) throws(LVMError) {
        self.volume = volume.fullName
        for tag in volume.tags {
            let pair: (key: String, value: String)?
            do { pair = try LVMTag.parse(tag) } catch { throw damaged(error.message) }
            guard let (key, value) = pair else { continue }
            if key.hasPrefix(MemberTags.Key.user) {
                user[String(key.dropFirst(MemberTags.Key.user.count))] = value
            } else if values.updateValue(value, forKey: key) != nil {
                throw damaged("it has two tags stillpoint.\(key)")
            }
        }
    }

    func damaged(_ reason: String) -> LVMError {
        LVMError(.damagedTags, "the tags of \(volume) cannot be read: \(reason)")
    }

    func text(_ key: String, _ isValid: (String) -> Bool = { _ in true }) throws(LVMError) -> String {
        guard let text = values[key] else { throw damaged("it has no tag stillpoint.\(key)") }
        guard isValid(text) else { throw damaged("stillpoint.\(key)=\(LVMTag.encode(text)) is none of ours") }
        return text
    }

    func optional<Value>(_ key: String, _ convert: (String) -> Value?) throws(LVMError) -> Value? {
        guard let text = values[key] else { return nil }
        guard let value = convert(text) else {
            throw damaged("stillpoint.\(key)=\(LVMTag.encode(text)) is not understood")
        }
        return value
    }

    func value<Value>(_ key: String, _ convert: (String) -> Value?) throws(LVMError) -> Value {
        _ = try text(key)
        guard let value = try optional(key, convert) else { throw damaged("it has no tag stillpoint.\(key)") }
        return value
    }

    /// From 1970-01-01 to 2999-12-31: nobody took a set before, and calendars reckon with no date far from these.
    static func date(_ text: String) -> Date? {
        guard let date = try? Date(text, strategy: .iso8601),
            (0..<32_503_680_000).contains(date.timeIntervalSince1970)
        else { return nil }
        return date
    }
}
