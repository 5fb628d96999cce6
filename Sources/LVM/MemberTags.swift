import FoundationEssentials
public import SetModel

/// What Stillpoint writes on the snapshots of a set, so that LVM's metadata alone tells what they are.
///
/// Every member carries what it is and what its set is. What changes after staging is on the first member only: the
/// commit that changes it there is the set's commit point.
public enum MemberTags {
    /// The tag that every member of a set carries, and nothing else does.
    public static func set(_ id: String) throws(LVMError) -> String { try LVMTag.tag(Key.set, id) }

    /// The tag of a throw-away clone of a member of a set.
    public static func clone(of id: String) throws(LVMError) -> String { try LVMTag.tag(Key.clone, id) }

    /// The set whose member a volume is a clone of; `nil` too for one that names what is no set's id.
    public static func cloneOf(_ volume: LogicalVolume) -> String? {
        let ids = clonedIDs(volume)
        return ids.count == 1 ? ids[0].flatMap { SetName.isID($0) ? $0 : nil } : nil
    }

    /// What is wrong with a volume that says that it is a clone.
    static func cloneProblem(_ volume: LogicalVolume) -> String? {
        guard !clonedIDs(volume).isEmpty, cloneOf(volume) == nil else { return nil }
        return "the tags of \(volume.fullName) cannot be read: it says that it is a clone and names no set"
    }

    /// `nil` for a tag that we did not write.
    private static func clonedIDs(_ volume: LogicalVolume) -> [String?] {
        volume.tags.filter { $0.hasPrefix(LVMTag.prefix + Key.clone + "=") }.map { (try? LVMTag.parse($0))?.value }
    }

    /// All tags of a member, to be given at its creation. The set is `staged`.
    public static func staged(_ member: Member, of set: SnapshotSet) throws(LVMError) -> [String] {
        // What says that it is ours and unfinished comes first: a snapshot has room for some 55 tags in the commit
        // that creates it.
        var pairs: [(String, String?)] = [
            (Key.set, set.id), (Key.members, String(set.memberCount)), (Key.member, String(member.index)),
            (Key.state, member.index == 1 ? SetState.staged.rawValue : nil), (Key.name, set.name),
            (Key.origin, member.originUUID), (Key.volume, member.volume), (Key.created, set.createdAt.wholeSeconds),
            (Key.filesystem, member.filesystem), (Key.mount, member.mountPoint),
        ]
        var tags: [String] = []
        pairs.removeAll { $0.1 == nil }
        for (key, value) in pairs { tags.append(try LVMTag.tag(key, value ?? "")) }
        return tags + (try changeable(set))
    }

    /// What may be said anew of a set as long as it is there; every member carries it.
    private static func changeable(_ set: SnapshotSet) throws(LVMError) -> [String] {
        let pairs: [(String, String?)] = [
            (Key.expires, set.expiresAt?.wholeSeconds), (Key.policy, set.policy), (Key.schedule, set.schedule),
            (Key.hold, set.hold?.reason), (Key.heldUntil, set.hold?.until?.wholeSeconds),
            (Key.purge, set.purgeAt?.wholeSeconds),
        ]
        var tags: [String] = []
        for case (let key, let value?) in pairs { tags.append(try LVMTag.tag(key, value)) }
        for (key, value) in set.tags.sorted(by: { $0.key < $1.key }) { tags.append(try LVMTag.user(key, value)) }
        return tags
    }

    /// What to change on a member so that it tells what `set` tells.
    public static func change(
        of volume: LogicalVolume, to set: SnapshotSet
    ) throws(LVMError) -> (adding: [String], removing: [String]) {
        let wanted = try changeable(set)
        let keys = [Key.expires, Key.policy, Key.schedule, Key.hold, Key.heldUntil, Key.purge]
        let present = volume.tags.filter { tag in
            guard let key = (try? LVMTag.parse(tag))?.key else { return false }
            return keys.contains(key) || key.hasPrefix(Key.user)
        }
        return (wanted.filter { !present.contains($0) }, present.filter { !wanted.contains($0) })
    }

    /// What to change on the first member so that a staged set is complete. One commit: the set's commit point.
    /// A reason too long for a tag is cut.
    public static func completion(of set: SnapshotSet) throws(LVMError) -> (adding: [String], removing: [String]) {
        var adding = [try LVMTag.tag(Key.state, SetState.complete.rawValue)]
        if let consistency = set.consistency { adding.append(try LVMTag.tag(Key.consistency, consistency.rawValue)) }
        if let window = set.frozenWindowMs { adding.append(try LVMTag.tag(Key.window, String(window))) }
        if let reason = set.consistencyReason { adding.append(try LVMTag.tag(Key.reason, fitting(reason))) }
        for (key, stage) in [(Key.preScript, HookStage.pre), (Key.postScript, .post)] {
            if let status = set.scriptStatus(stage) { adding.append(try LVMTag.tag(key, status.rawValue)) }
        }
        return (adding, [try LVMTag.tag(Key.state, SetState.staged.rawValue)])
    }

    /// What to change on the first member before the set is removed. The first member must be the last to go.
    public static func deletion() throws(LVMError) -> (adding: [String], removing: [String]) {
        (
            [try LVMTag.tag(Key.state, SetState.deleting.rawValue)],
            [
                try LVMTag.tag(Key.state, SetState.staged.rawValue),
                try LVMTag.tag(Key.state, SetState.complete.rawValue),
            ]
        )
    }

    enum Key {
        static let set = "set"
        static let members = "members"
        static let member = "member"
        static let state = "state"
        static let name = "name"
        static let origin = "origin"
        static let volume = "volume"
        static let created = "created"
        static let expires = "expires"
        static let policy = "policy"
        static let schedule = "schedule"
        static let filesystem = "fs"
        static let mount = "mount"
        static let consistency = "consistency"
        static let reason = "reason"
        static let window = "window"
        static let clone = "clone"
        static let preScript = "pre-script"
        static let postScript = "post-script"
        static let hold = "hold"
        static let heldUntil = "held-until"
        static let purge = "purge"
        static let user = "tag."
    }

    private static func fitting(_ reason: String) -> String {
        let room = LVMTag.maximumLength - (LVMTag.prefix + Key.reason + "=").utf8.count
        var reason = reason
        while LVMTag.encode(reason).utf8.count > room { reason.removeLast() }
        return reason
    }
}

extension Date {
    /// `2026-11-23T05:17:11Z`
    var wholeSeconds: String { formatted(.iso8601) }
}
