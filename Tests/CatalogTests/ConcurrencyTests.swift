import Catalog
import FoundationEssentials
import GRDB
import Glibc
import SetModel
import SystemPackage
import Testing

struct ConcurrencyTests {
    /// Each creates the catalog when it is first, and writes in turns with the others.
    static func writeMany(_ kind: CatalogKind, _ directory: String, _ first: Character) throws {
        for digit in "0123456789" {
            let catalog = try kind.open(directory: FilePath(directory), for: .writing)
            var set = SnapshotSet.sample(digit)
            set.id = String(repeating: first, count: 31) + String(digit)
            try catalog.save(set)
            guard try catalog.set(id: set.id) == set else { throw Errno.ioError }
        }
    }

    /// A process that died before the first table leaves a catalog that the next one completes.
    @Test(arguments: ["PRAGMA journal_mode = WAL", "PRAGMA application_id = 0x53745074"])
    func aCreationThatWasInterrupted(_ lastStep: String) throws {
        let directory = try scratchDirectory()
        defer { removeScratch(directory) }
        try database(directory).writeWithoutTransaction { try $0.execute(sql: lastStep) }
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: directory.catalog.string)
        #expect(try Catalog.open(directory: directory, for: .reading).all().isEmpty)
        try Catalog.open(directory: directory).save(.sample())
        #expect(try Catalog.open(directory: directory, for: .reading).all() == [.sample()])
    }

    @Test(arguments: CatalogKind.testable, 1...20)
    func createdByManyAtOnce(_ kind: CatalogKind, _: Int) async throws {
        let directory = try scratchDirectory(kind)
        defer { removeScratch(directory) }
        try await withThrowingTaskGroup { group in
            for _ in 0..<4 {
                group.addTask { _ = try kind.open(directory: directory, for: .writing) }
            }
            try await group.waitForAll()
        }
    }

    @Test(arguments: CatalogKind.testable)
    func manyConnections(_ kind: CatalogKind) async throws {
        try await check(kind) { directory in
            try await withThrowingTaskGroup { group in
                for first in "abcdef89" {
                    group.addTask { try Self.writeMany(kind, directory, first) }
                }
                try await group.waitForAll()
            }
            return 80
        }
    }

    @Test(arguments: CatalogKind.testable)
    func manyProcesses(_ kind: CatalogKind) async throws {
        try await check(kind) { directory in
            async let one = Self.process(kind.rawValue, directory, "a")
            async let two = Self.process(kind.rawValue, directory, "b")
            async let three = Self.process(kind.rawValue, directory, "c")
            _ = try await (one, two, three)
            return 30
        }
    }

    private static func process(_ kind: String, _ directory: String, _ first: String) async throws {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            [kind, directory, first] in
            do {
                guard let kind = CatalogKind(rawValue: kind) else { throw Errno.invalidArgument }
                try Self.writeMany(kind, directory, Character(first))
            } catch {
                _ = try FileDescriptor.standardError.writeAll("\(error)\n".utf8)
                throw error
            }
        }
        if let result, result.exitStatus != .exitCode(EXIT_SUCCESS) {
            Issue.record("\(String(decoding: result.standardErrorContent, as: UTF8.self))")
        }
    }

    private func check(_ kind: CatalogKind, _ write: (String) async throws -> Int) async throws {
        let directory = try scratchDirectory(kind)
        defer { removeScratch(directory) }
        let expected = try await write(directory.string)
        let catalog = try kind.open(directory: directory, for: .reading)
        #expect(try catalog.all().count == expected)
    }
}
