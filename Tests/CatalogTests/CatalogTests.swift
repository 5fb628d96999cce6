import Catalog
import FoundationEssentials
import GRDB
import Glibc
import SetModel
import SystemPackage
import Testing

struct CatalogTests {
    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func roundTrip(_ seed: UInt64) throws {
        try withScratch { directory in
            var numbers = Seeded(seed)
            let sets = (0..<25).map { _ in SnapshotSet.random(using: &numbers) }
            let catalog = try Catalog.open(directory: directory)
            for set in sets { try catalog.save(set) }
            let reader = try Catalog.open(directory: directory, for: .reading)
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

    @Test func savingAgainReplacesTagsAndMembers() throws {
        try withScratch { directory in
            let catalog = try Catalog.open(directory: directory)
            var set = SnapshotSet.sample(members: 3)
            try catalog.save(set)
            set.members.removeLast()
            set.tags = ["other": "x"]
            set.state = .degraded
            try catalog.save(set)
            #expect(try catalog.all() == [set])
            #expect(try rows("tag", directory) == 1)
            #expect(try rows("member", directory) == 2)
        }
    }

    @Test func removingLeavesNothingBehind() throws {
        try withScratch { directory in
            let catalog = try Catalog.open(directory: directory)
            try catalog.save(.sample("a"))
            try catalog.save(.sample("b"))
            try catalog.remove(id: SnapshotSet.sample("a").id)
            try catalog.remove(id: "never there")
            #expect(try catalog.all() == [.sample("b")])
            #expect(try rows("tag", directory) == 1)
            #expect(try rows("member", directory) == 2)
        }
    }

    @Test func aSaveThatFailsChangesNothing() throws {
        try withScratch { directory in
            let catalog = try Catalog.open(directory: directory)
            try catalog.save(.sample())
            var broken = SnapshotSet.sample()
            broken.members[1].index = 1
            #expect(throws: SnapshotError.self) { try catalog.save(broken) }
            #expect(try catalog.all() == [.sample()])
        }
    }

    @Test func byName() throws {
        try withScratch { directory in
            let catalog = try Catalog.open(directory: directory)
            var newer = SnapshotSet.sample("b", createdAt: 1_800_000_000)
            newer.name = SnapshotSet.sample("a").name
            try catalog.save(newer)
            try catalog.save(.sample("a"))
            #expect(try catalog.set(named: newer.name) == newer)
            #expect(try catalog.set(named: "none") == nil)
            #expect(try catalog.set(id: "none") == nil)
        }
    }

    @Test func aMissingCatalogReadsAsEmptyAndIsNotCreated() throws {
        try withScratch { directory in
            for place in [directory, directory.appending("missing"), directory.appending("missing/deeper")] {
                let catalog = try Catalog.open(directory: place, for: .reading)
                #expect(try catalog.all().isEmpty)
                #expect(try catalog.set(id: "a") == nil)
                #expect(throws: SnapshotError.self) { try catalog.save(.sample()) }
            }
            #expect(!exists(directory.catalog))
            #expect(!exists(directory.appending("missing")))
        }
    }

    @Test func readingCannotChange() throws {
        try withScratch { directory in
            try Catalog.open(directory: directory).save(.sample())
            let reader = try Catalog.open(directory: directory, for: .reading)
            #expect(throws: SnapshotError.self) { try reader.save(.sample("b")) }
            #expect(throws: SnapshotError.self) { try reader.remove(id: SnapshotSet.sample().id) }
            #expect(try reader.all() == [.sample()])
        }
    }

    @Test func onlyTheOwnerMayLook() throws {
        try withScratch { directory in
            let state = directory.appending("state")
            let catalog = try Catalog.open(directory: state)
            try catalog.save(.sample())
            #expect(permissions(state) == 0o700)
            for name in ["catalog.sqlite", "catalog.sqlite-wal", "catalog.sqlite-shm"] {
                #expect(permissions(state.appending(name)) == 0o600)
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
                        "sets, tags and members", "hooks",
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
                        "snapshotSet.frozenWindowMs", "snapshotSet.memberCount", "tag.setID", "tag.key", "tag.value",
                    ])
            }
        }
    }

    private func rows(_ table: String, _ directory: FilePath) throws -> Int? {
        try database(directory).read { try Int.fetchOne($0, sql: "SELECT count(*) FROM \(table)") }
    }
}
