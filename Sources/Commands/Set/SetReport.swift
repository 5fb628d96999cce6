import FoundationEssentials
import SetModel
import Snapshots

/// One set with its members, for `create` and `show`.
struct SetReport: Report {
    private let set: SnapshotSet
    /// `nil` when it was not asked for.
    private let mounts: [MountedMember]?

    init(_ set: SnapshotSet, mounts: [MountedMember]? = nil) {
        self.set = set
        self.mounts = mounts
    }

    var json: [(key: String, value: JSON)] {
        [("set", set.json)] + (mounts.map { [("mounts", .array($0.map(\.json)))] } ?? [])
    }

    var table: [Line] {
        [.table(Table(facts: facts)), .text(""), .table(memberTable)]
            + (set.hooks.isEmpty ? [] : [.text(""), .table(HookTable.table(set.hooks))])
    }

    private var facts: [(name: String, value: String)] {
        var facts: [(name: String, value: String)] = [
            ("Set", set.name), ("Id", set.id), ("State", set.state.rawValue),
            ("Consistency", set.consistency?.rawValue ?? Words.absent),
        ]
        if let reason = set.consistencyReason { facts.append(("Reason", reason)) }
        facts.append(("Created", Words.time(set.createdAt)))
        facts.append(("Expires", set.expiresAt.map(Words.time) ?? "never"))
        if let hold = set.hold {
            facts.append(("Held", (hold.until.map { "until \(Words.time($0)): " } ?? "") + hold.reason))
        }
        if let end = set.purgeAt { facts.append(("In trash", "until \(Words.time(end))")) }
        if let policy = set.policy { facts.append(("Policy", policy)) }
        if let schedule = set.schedule { facts.append(("Schedule", schedule)) }
        if !set.tags.isEmpty { facts.append(("Tags", Words.tags(set.tags))) }
        facts.append(("Frozen for", Words.milliseconds(set.frozenWindowMs)))
        facts.append(("Members", set.membersPresent))
        return facts
    }

    private var memberTable: Table {
        let places = Dictionary((mounts ?? []).map { ($0.volume, $0.path) }, uniquingKeysWith: { first, _ in first })
        var columns: [Table.Column] = [
            .init(title: "VOLUME"), .init(title: "SNAPSHOT"), .init(title: "SIZE", alignedRight: true),
            .init(title: "FILE SYSTEM"), .init(title: "TAKEN AT"), .init(title: "FROZEN", alignedRight: true),
        ]
        var rows = set.members.map { member in
            [
                member.volume, member.snapshot, Words.size(member.sizeBytes), member.filesystem ?? Words.absent,
                member.mountPoint ?? Words.absent, Words.milliseconds(member.frozenMs),
            ]
        }
        if !places.isEmpty {
            columns.append(.init(title: "MOUNTED ON"))
            for (row, member) in set.members.enumerated() {
                rows[row].append(places[member.volume] ?? Words.absent)
            }
        }
        return Table(columns, rows: rows)
    }
}

extension SnapshotSet {
    /// `3`, or `2 of 3` when members were lost.
    var membersPresent: String {
        members.count == memberCount ? String(memberCount) : "\(members.count) of \(memberCount)"
    }

    /// What becomes of it, in a word or two.
    func fate(at now: Date) -> String {
        if let hold, hold.lasts(at: now) { return "held" }
        if let purgeAt { return "trash until \(Words.time(purgeAt))" }
        return expiresAt.map(Words.time) ?? "never"
    }

    /// As every command prints a set to programs.
    var json: JSON {
        .object([
            ("id", .string(id)),
            ("name", .string(name)),
            ("state", .string(state.rawValue)),
            ("consistency", .string(consistency?.rawValue)),
            ("consistencyReason", .string(consistencyReason)),
            ("createdAt", .string(Words.time(createdAt))),
            ("expiresAt", .string(expiresAt.map(Words.time))),
            (
                "hold",
                hold.map { .object([("reason", .string($0.reason)), ("until", .string($0.until.map(Words.time)))]) }
                    ?? .null
            ),
            ("purgeAt", .string(purgeAt.map(Words.time))),
            ("policy", .string(policy)),
            ("schedule", .string(schedule)),
            ("tags", .object(tags.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })),
            ("frozenWindowMs", .number(frozenWindowMs)),
            ("preScript", .string(scriptStatus(.pre)?.rawValue)),
            ("postScript", .string(scriptStatus(.post)?.rawValue)),
            ("hooks", .array(hooks.map(\.json))),
            ("memberCount", .integer(Int64(memberCount))),
            ("members", .array(members.map(\.json))),
        ])
    }
}

extension Member {
    fileprivate var json: JSON {
        .object([
            ("volume", .string(volume)),
            ("snapshot", .string(snapshot)),
            ("thinID", thinID.map { .unsigned(UInt64($0)) } ?? .null),
            ("sizeBytes", .unsigned(sizeBytes)),
            ("filesystem", .string(filesystem)),
            ("mountPoint", .string(mountPoint)),
            ("frozenMs", .number(frozenMs)),
            ("originUUID", .string(originUUID)),
            ("snapshotUUID", .string(snapshotUUID)),
        ])
    }
}
