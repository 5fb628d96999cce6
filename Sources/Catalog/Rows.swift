import FoundationEssentials
import GRDB
import SetModel

/// A row of `snapshotSet`.
struct SetRow: Codable, FetchableRecord, PersistableRecord {
    static let databaseTableName = "snapshotSet"

    enum Columns {
        static let id = Column("id")
        static let name = Column("name")
        static let createdAt = Column("createdAt")
    }

    var id: String
    var name: String
    var state: SetState
    var consistency: Consistency?
    var consistencyReason: String?
    var createdAt: Int64
    var expiresAt: Int64?
    var policy: String?
    var schedule: String?
    var frozenWindowMs: Double?
    var memberCount: Int
    var holdReason: String?
    var heldUntil: Int64?
    var purgeAt: Int64?
    var preScript: ScriptStatus?
    var postScript: ScriptStatus?
}

/// A row of `tag`.
struct TagRow: Codable, FetchableRecord, PersistableRecord {
    static let databaseTableName = "tag"

    var setID: String
    var key: String
    var value: String
}

/// A row of `member`.
struct MemberRow: Codable, FetchableRecord, PersistableRecord {
    static let databaseTableName = "member"

    var setID: String
    var position: Int
    var volume: String
    var originUUID: String
    var snapshot: String
    var snapshotUUID: String?
    var thinID: UInt32?
    /// SQLite's integers are signed: the same 64 bits.
    var sizeBytes: Int64
    var filesystem: String?
    var mountPoint: String?
    var frozenMs: Double?
}

/// A row of `hook`.
struct HookRow: Codable, FetchableRecord, PersistableRecord {
    static let databaseTableName = "hook"

    var setID: String
    var position: Int
    var stage: HookStage
    var attempt: Int
    var name: String
    var status: HookResult.Status
    var exitCode: Int32?
    var signal: Int32?
    var durationMs: Double
    var reason: String?
    var output: String
    var errors: String
}

/// The rows that make up one set.
struct SetRows: Sendable {
    let set: SetRow
    let tags: [TagRow]
    let members: [MemberRow]
    let hooks: [HookRow]

    func insert(_ database: Database) throws {
        try set.insert(database)
        for tag in tags { try tag.insert(database) }
        for member in members { try member.insert(database) }
        for hook in hooks { try hook.insert(database) }
    }

    /// The sets that `request` selects, oldest first.
    static func fetch(_ database: Database, _ request: QueryInterfaceRequest<SetRow>) throws -> [SnapshotSet] {
        let ids = request.select(SetRow.Columns.id)
        let belonging = ids.contains(Column("setID"))
        let tags = Dictionary(grouping: try TagRow.filter(belonging).fetchAll(database), by: \.setID)
        let members = Dictionary(
            grouping: try MemberRow.filter(belonging).order(Column("position")).fetchAll(database), by: \.setID)
        let hooks = Dictionary(
            grouping: try HookRow.filter(belonging).order(Column("position")).fetchAll(database), by: \.setID)
        return
            try request
            .order(SetRow.Columns.createdAt, SetRow.Columns.name, SetRow.Columns.id)
            .fetchAll(database)
            .map { set in
                SetRows(
                    set: set, tags: tags[set.id] ?? [], members: members[set.id] ?? [], hooks: hooks[set.id] ?? []
                ).snapshotSet
            }
    }
}

extension SetRows {
    init(_ value: SnapshotSet) {
        set = SetRow(
            id: value.id, name: value.name, state: value.state, consistency: value.consistency,
            consistencyReason: value.consistencyReason, createdAt: Int64(value.createdAt.timeIntervalSince1970),
            expiresAt: value.expiresAt.map { Int64($0.timeIntervalSince1970) }, policy: value.policy,
            schedule: value.schedule, frozenWindowMs: value.frozenWindowMs, memberCount: value.memberCount,
            holdReason: value.hold?.reason, heldUntil: value.hold?.until.map { Int64($0.timeIntervalSince1970) },
            purgeAt: value.purgeAt.map { Int64($0.timeIntervalSince1970) }, preScript: value.preScript,
            postScript: value.postScript)
        tags = value.tags.map { TagRow(setID: value.id, key: $0.key, value: $0.value) }
        members = value.members.map { member in
            MemberRow(
                setID: value.id, position: member.index, volume: member.volume, originUUID: member.originUUID,
                snapshot: member.snapshot, snapshotUUID: member.snapshotUUID, thinID: member.thinID,
                sizeBytes: Int64(bitPattern: member.sizeBytes), filesystem: member.filesystem,
                mountPoint: member.mountPoint, frozenMs: member.frozenMs)
        }
        hooks = value.hooks.enumerated().map { position, hook in
            HookRow(
                setID: value.id, position: position, stage: hook.stage, attempt: hook.attempt, name: hook.name,
                status: hook.status, exitCode: hook.exitCode, signal: hook.signal, durationMs: hook.durationMs,
                reason: hook.reason, output: hook.output, errors: hook.errors)
        }
    }

    var snapshotSet: SnapshotSet {
        SnapshotSet(
            id: set.id, name: set.name, state: set.state, consistency: set.consistency,
            consistencyReason: set.consistencyReason,
            createdAt: Date(timeIntervalSince1970: Double(set.createdAt)),
            expiresAt: set.expiresAt.map { Date(timeIntervalSince1970: Double($0)) }, policy: set.policy,
            schedule: set.schedule,
            tags: Dictionary(tags.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first }),
            frozenWindowMs: set.frozenWindowMs, memberCount: set.memberCount,
            members: members.map { row in
                Member(
                    index: row.position, volume: row.volume, originUUID: row.originUUID, snapshot: row.snapshot,
                    snapshotUUID: row.snapshotUUID, thinID: row.thinID, sizeBytes: UInt64(bitPattern: row.sizeBytes),
                    filesystem: row.filesystem, mountPoint: row.mountPoint, frozenMs: row.frozenMs)
            },
            hooks: hooks.map { row in
                HookResult(
                    stage: row.stage, attempt: row.attempt, name: row.name, status: row.status,
                    exitCode: row.exitCode, signal: row.signal, durationMs: row.durationMs, reason: row.reason,
                    output: row.output, errors: row.errors)
            },
            hold: set.holdReason.map { reason in
                SetHold(reason: reason, until: set.heldUntil.map { Date(timeIntervalSince1970: Double($0)) })
            },
            purgeAt: set.purgeAt.map { Date(timeIntervalSince1970: Double($0)) }, preScript: set.preScript,
            postScript: set.postScript)
    }
}
