import Catalog
import SetModel
import SystemPackage
import Testing

struct ConcurrencyTests {
    /// Each creates the catalog when it is first, and writes in turns with the others.
    static func writeMany(_ directory: String, _ first: Character) throws {
        for digit in "0123456789" {
            let catalog = try Catalog.open(directory: FilePath(directory))
            var set = SnapshotSet.sample(digit)
            set.id = "\(first)\(digit)"
            try catalog.save(set)
            guard try catalog.set(id: set.id) == set else { throw Errno.ioError }
        }
    }

    @Test func manyConnections() async throws {
        try await check { directory in
            try await withThrowingTaskGroup { group in
                for first in "abcdefgh" {
                    group.addTask { try Self.writeMany(directory, first) }
                }
                try await group.waitForAll()
            }
            return 80
        }
    }

    @Test func manyProcesses() async throws {
        try await check { directory in
            async let one = Self.process(directory, "a")
            async let two = Self.process(directory, "b")
            async let three = Self.process(directory, "c")
            _ = try await (one, two, three)
            return 30
        }
    }

    private static func process(_ directory: String, _ first: String) async throws {
        await #expect(processExitsWith: .success) { [directory, first] in
            try Self.writeMany(directory, Character(first))
        }
    }

    private func check(_ write: (String) async throws -> Int) async throws {
        let directory = try scratchDirectory()
        defer { removeScratch(directory) }
        let expected = try await write(directory.string)
        let catalog = try Catalog.open(directory: directory, for: .reading)
        #expect(try catalog.all().count == expected)
    }
}
