import Catalog
import FoundationEssentials
import GRDB
import Glibc
import LinuxSystem
import SetModel
import SystemPackage
import Testing

/// What every store does.
struct CatalogTests {
    @Test(arguments: CatalogKind.testable, 1...8 as ClosedRange<UInt64>)
    func roundTrip(_ kind: CatalogKind, _ seed: UInt64) throws {
        try withScratch(kind) { directory in
            var numbers = Seeded(seed)
            let extent = kind == .sqlite ? Extent.full : .oneBlock
            let sets = (0..<25).map { _ in SnapshotSet.random(using: &numbers, upTo: extent) }
            let catalog = try kind.open(directory: directory, for: .writing)
            for set in sets { try catalog.save(set) }
            let reader = try kind.open(directory: directory, for: .reading)
            for set in sets {
                #expect(try catalog.set(id: set.id) == set)
                #expect(try reader.set(id: set.id) == set)
            }
            let all = try reader.all()
            #expect(all.count == sets.count)
            #expect(zip(all, all.dropFirst()).allSatisfy { $0.createdAt <= $1.createdAt })
            #expect(Set(all.map(\.id)) == Set(sets.map(\.id)))
        }
    }

    @Test(arguments: CatalogKind.testable)
    func savingAgainReplacesTagsAndMembers(_ kind: CatalogKind) throws {
        try withScratch(kind) { directory in
            let catalog = try kind.open(directory: directory, for: .writing)
            var set = SnapshotSet.sample(members: 3)
            try catalog.save(set)
            set.members.removeLast()
            set.tags = ["other": "x"]
            set.state = .degraded
            try catalog.save(set)
            #expect(try catalog.all() == [set])
            switch kind {
            case .sqlite:
                #expect(try rows("tag", directory) == 1)
                #expect(try rows("member", directory) == 2)
            case .attributes:
                let names = try attributes(directory.file()).keys
                #expect(names.filter { $0.hasPrefix("user.stillpoint.tag.") }.count == 1)
                #expect(names.filter { $0.hasPrefix("user.stillpoint.member.") }.count == 2)
            }
        }
    }

    @Test(arguments: CatalogKind.testable)
    func removingLeavesNothingBehind(_ kind: CatalogKind) throws {
        try withScratch(kind) { directory in
            let catalog = try kind.open(directory: directory, for: .writing)
            try catalog.save(.sample("a"))
            try catalog.save(.sample("b"))
            try catalog.remove(id: SnapshotSet.sample("a").id)
            try catalog.remove(id: SnapshotSet.sample("c").id)
            try catalog.remove(id: "never there")
            #expect(try catalog.all() == [.sample("b")])
            switch kind {
            case .sqlite:
                #expect(try rows("tag", directory) == 1)
                #expect(try rows("member", directory) == 2)
            case .attributes:
                #expect(try DirectoryListing.names(directory.sets) == [SnapshotSet.sample("b").id])
            }
        }
    }

    @Test(arguments: CatalogKind.testable)
    func aSaveThatFailsChangesNothing(_ kind: CatalogKind) throws {
        try withScratch(kind) { directory in
            let catalog = try kind.open(directory: directory, for: .writing)
            try catalog.save(.sample())
            var broken = SnapshotSet.sample()
            broken.members[1].index = 1
            #expect(throws: SnapshotError.self) { try catalog.save(broken) }
            #expect(try catalog.all() == [.sample()])
        }
    }

    @Test(arguments: CatalogKind.testable)
    func byName(_ kind: CatalogKind) throws {
        try withScratch(kind) { directory in
            let catalog = try kind.open(directory: directory, for: .writing)
            var newer = SnapshotSet.sample("b", createdAt: 1_800_000_000)
            newer.name = SnapshotSet.sample("a").name
            try catalog.save(newer)
            try catalog.save(.sample("a"))
            #expect(try catalog.set(named: newer.name) == newer)
            #expect(try catalog.set(named: "none") == nil)
            #expect(try catalog.set(id: "none") == nil)
            #expect(try catalog.set(id: SnapshotSet.sample("c").id) == nil)
        }
    }

    @Test(arguments: CatalogKind.testable)
    func aMissingCatalogReadsAsEmptyAndIsNotCreated(_ kind: CatalogKind) throws {
        try withScratch(kind) { directory in
            for place in [directory, directory.appending("missing"), directory.appending("missing/deeper")] {
                let catalog = try kind.open(directory: place, for: .reading)
                #expect(try catalog.all().isEmpty)
                #expect(try catalog.set(id: "a") == nil)
                #expect(try catalog.set(id: SnapshotSet.sample().id) == nil)
                #expect(throws: SnapshotError.self) { try catalog.save(.sample()) }
            }
            #expect(!exists(directory.catalog))
            #expect(!exists(directory.sets))
            #expect(!exists(directory.appending("missing")))
        }
    }

    @Test(arguments: CatalogKind.testable)
    func removingManyAtOnce(_ kind: CatalogKind) throws {
        try withScratch(kind) { directory in
            let catalog = try kind.open(directory: directory, for: .writing)
            for name: Character in ["a", "b", "c"] { try catalog.save(.sample(name)) }
            try catalog.remove(ids: [])
            #expect(try catalog.all().count == 3)
            try catalog.remove(ids: [SnapshotSet.sample("a").id, "never there", SnapshotSet.sample("c").id])
            #expect(try catalog.all() == [.sample("b")])
            if kind == .sqlite {
                #expect(try rows("tag", directory) == 1)
                #expect(try rows("member", directory) == 2)
            }
        }
    }

    @Test(arguments: CatalogKind.testable)
    func readingCannotChange(_ kind: CatalogKind) throws {
        try withScratch(kind) { directory in
            try kind.open(directory: directory, for: .writing).save(.sample())
            let reader = try kind.open(directory: directory, for: .reading)
            #expect(throws: SnapshotError.self) { try reader.save(.sample("b")) }
            #expect(throws: SnapshotError.self) { try reader.remove(id: SnapshotSet.sample().id) }
            #expect(throws: SnapshotError.self) { try reader.remove(ids: [SnapshotSet.sample().id]) }
            #expect(try reader.all() == [.sample()])
        }
    }

    @Test(arguments: CatalogKind.testable)
    func onlyTheOwnerMayLook(_ kind: CatalogKind) throws {
        try withScratch(kind) { directory in
            let state = directory.appending("state")
            let catalog = try kind.open(directory: state, for: .writing)
            try catalog.save(.sample())
            #expect(permissions(state) == 0o700)
            switch kind {
            case .sqlite:
                for name in ["catalog.sqlite", "catalog.sqlite-wal", "catalog.sqlite-shm"] {
                    #expect(permissions(state.appending(name)) == 0o600)
                }
            case .attributes:
                #expect(permissions(state.sets) == 0o700)
                #expect(permissions(state.file()) == 0o600)
            }
            #expect(try catalog.all().count == 1)
        }
    }

    @Test func anEmptyFileBecomesACatalog() throws {
        try withScratch { directory in
            try write([], to: directory.catalog)
            #expect(try Catalog.open(directory: directory, for: .reading).all().isEmpty)
            #expect(try read(directory.catalog).isEmpty)
            try Catalog.open(directory: directory).save(.sample())
            #expect(try Catalog.open(directory: directory, for: .reading).all() == [.sample()])
        }
    }

    /// What a release has shipped stays as it is: its name, its tables.
    @Test func theSchema() throws {
        try withScratch { directory in
            _ = try Catalog.open(directory: directory)
            try database(directory).read { database in
                #expect(
                    try String.fetchAll(database, sql: "SELECT identifier FROM grdb_migrations") == [
                        "sets, tags and members", "hooks", "holds and trash", "script status",
                    ])
                #expect(try Int64.fetchOne(database, sql: "PRAGMA application_id") == 0x5374_5074)
                #expect(try String.fetchOne(database, sql: "PRAGMA journal_mode") == "wal")
                let columns = try String.fetchAll(
                    database,
                    sql: """
                        SELECT m.name || '.' || c.name FROM sqlite_master m, pragma_table_info(m.name) c
                        WHERE m.type = 'table' AND m.name != 'grdb_migrations' ORDER BY m.name, c.cid
                        """)
                #expect(
                    columns == [
                        "hook.setID", "hook.position", "hook.stage", "hook.attempt", "hook.name", "hook.status",
                        "hook.exitCode", "hook.signal", "hook.durationMs", "hook.reason", "hook.output", "hook.errors",
                        "member.setID", "member.position", "member.volume", "member.originUUID", "member.snapshot",
                        "member.snapshotUUID", "member.thinID", "member.sizeBytes", "member.filesystem",
                        "member.mountPoint", "member.frozenMs", "snapshotSet.id", "snapshotSet.name",
                        "snapshotSet.state", "snapshotSet.consistency", "snapshotSet.consistencyReason",
                        "snapshotSet.createdAt", "snapshotSet.expiresAt", "snapshotSet.policy", "snapshotSet.schedule",
                        "snapshotSet.frozenWindowMs", "snapshotSet.memberCount", "snapshotSet.holdReason",
                        "snapshotSet.heldUntil", "snapshotSet.purgeAt", "snapshotSet.preScript",
                        "snapshotSet.postScript", "tag.setID", "tag.key", "tag.value",
                    ])
            }
        }
    }

    /// As the first release left it.
    @Test(arguments: [Catalog.Access.reading, .writing])
    func anOldSchemaIsBroughtUpToDate(_ access: Catalog.Access) throws {
        try withScratch { directory in
            var set = SnapshotSet.sample()
            let later = SnapshotSet.sample("b")
            try Catalog.open(directory: directory).save(set)
            try database(directory).write { database in
                for column in ["holdReason", "heldUntil", "purgeAt", "preScript", "postScript"] {
                    try database.execute(sql: "ALTER TABLE snapshotSet DROP COLUMN \(column)")
                }
                try database.execute(
                    sql: "DROP TABLE hook; DELETE FROM grdb_migrations WHERE identifier != 'sets, tags and members'")
            }
            #expect(try Catalog.open(directory: directory, for: access).all() == [set])
            let catalog = try Catalog.open(directory: directory)
            set.hold = SetHold(reason: "audit")
            set.hooks = [HookResult(stage: .pre, attempt: 1, name: "a", status: .succeeded)]
            try catalog.save(set)
            try catalog.save(later)
            #expect(try catalog.all() == [set, later])
        }
    }

    private func rows(_ table: String, _ directory: FilePath) throws -> Int? {
        try database(directory).read { try Int.fetchOne($0, sql: "SELECT count(*) FROM \(table)") }
    }
}
