import Catalog
import GRDB
import Glibc
import SetModel
import SystemPackage
import Testing

/// A catalog that is not safe to use is refused by name, and stays as it is.
struct UnsafeFileTests {
    /// One way in which a good catalog with some sets in it goes bad.
    struct Damage: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let cause: @Sendable (FilePath) throws -> Void
        /// Part of what a person reads.
        let hint: String
    }

    static let damages = [
        Damage(
            testDescription: "garbage",
            cause: { try write(Array(repeating: 0x5A, count: 8192), to: $0.catalog) }, hint: "move"),
        Damage(testDescription: "text", cause: { try write(Array("hello\n".utf8), to: $0.catalog) }, hint: "move"),
        Damage(testDescription: "half of it", cause: { try truncate($0) { $0 / 2 } }, hint: "move"),
        Damage(testDescription: "its first page", cause: { try truncate($0) { _ in 4096 } }, hint: "move"),
        Damage(testDescription: "less than a header", cause: { try truncate($0) { _ in 50 } }, hint: "move"),
        Damage(testDescription: "pages overwritten", cause: { try overwritePages($0, from: 1) }, hint: "move"),
        Damage(testDescription: "another program's", cause: replaceByAnother, hint: "another program"),
        Damage(
            testDescription: "newer schema",
            cause: { try change($0, "INSERT INTO grdb_migrations VALUES ('of the future')") }, hint: "newer"),
        Damage(
            testDescription: "unknown state", cause: { try change($0, "UPDATE snapshotSet SET state = 'asleep'") },
            hint: "move"),
        Damage(
            testDescription: "impossible thin id", cause: { try change($0, "UPDATE member SET thinID = -1") },
            hint: "move"),
        Damage(
            testDescription: "a table is missing", cause: { try change($0, "DROP TABLE member") }, hint: "move"),
        Damage(
            testDescription: "directory",
            cause: { directory in
                try delete(directory.catalog)
                try posix(mkdir(directory.catalog.string, 0o700))
            }, hint: "not a regular file"),
        Damage(
            testDescription: "symlink",
            cause: { directory in
                let elsewhere = directory.appending("elsewhere")
                try posix(rename(directory.catalog.string, elsewhere.string))
                try posix(symlink(elsewhere.string, directory.catalog.string))
            }, hint: "not a regular file"),
        Damage(
            testDescription: "dangling symlink",
            cause: { directory in
                try delete(directory.catalog)
                try posix(symlink("/nowhere/at/all", directory.catalog.string))
            }, hint: "not a regular file"),
        Damage(
            testDescription: "fifo",
            cause: { directory in
                try delete(directory.catalog)
                try posix(mkfifo(directory.catalog.string, 0o600))
            }, hint: "not a regular file"),
        Damage(
            testDescription: "group writes the file", cause: { try posix(chmod($0.catalog.string, 0o620)) },
            hint: "chmod go-w"),
        Damage(
            testDescription: "everybody writes the file", cause: { try posix(chmod($0.catalog.string, 0o602)) },
            hint: "chmod go-w"),
        Damage(
            testDescription: "group writes the directory", cause: { try posix(chmod($0.string, 0o770)) },
            hint: "chmod go-w"),
        Damage(
            testDescription: "everybody writes the directory", cause: { try posix(chmod($0.string, 0o1777)) },
            hint: "chmod go-w"),
    ]

    static let foreign = [
        Damage(
            testDescription: "someone else's file", cause: { try posix(chown($0.catalog.string, 12345, 0)) },
            hint: "chown"),
        Damage(
            testDescription: "someone else's directory", cause: { try posix(chown($0.string, 12345, 0)) },
            hint: "chown"),
    ]

    @Test(arguments: damages, [Catalog.Access.reading, .writing])
    func refused(_ damage: Damage, _ access: Catalog.Access) throws {
        try check(damage, access)
    }

    @Test(
        .enabled(if: geteuid() == 0, "only root gives files away"),
        arguments: foreign, [Catalog.Access.reading, .writing])
    func refusedWhenItBelongsToAnother(_ damage: Damage, _ access: Catalog.Access) throws {
        try check(damage, access)
    }

    /// Nothing is read that lies on the damaged page.
    @Test(arguments: [Catalog.Access.reading, .writing])
    func damageIsFoundOnOpening(_ access: Catalog.Access) throws {
        try withScratch { directory in
            try fill(directory)
            try Self.overwritePages(directory, from: -1)
            let error = #expect(throws: SnapshotError.self) { try Catalog.open(directory: directory, for: access) }
            #expect(error?.code == .refused)
        }
    }

    /// Nothing is read from the page either, and the file is too large to be looked at as a whole whenever it is opened.
    @Test func damageOfALargeOneIsFoundWhenAskedFor() throws {
        try withScratch { directory in
            try fill(directory, writing: String(repeating: "x", count: 1 << 20))
            let page = try #require(
                try database(directory).read {
                    try Int.fetchOne($0, sql: "SELECT rootpage FROM sqlite_master WHERE name = 'memberByOrigin'")
                })
            try Catalog.open(directory: directory).verify()
            var bytes = try read(directory.catalog)
            #expect(bytes.count > 4 << 20)
            let start = (page - 1) * 4096
            bytes.replaceSubrange(start..<start + 8, with: Array(repeating: 0xFF, count: 8))
            try write(bytes, to: directory.catalog)
            let catalog = try Catalog.open(directory: directory)
            #expect(try catalog.all().count == 8)
            let error = #expect(throws: SnapshotError.self) { try catalog.verify() }
            #expect(error?.code == .refused)
            #expect(error?.message.contains("move \(directory.catalog)* aside") == true)
            #expect(try read(directory.catalog) == bytes)
        }
    }

    @Test(arguments: CatalogKind.testable, [Catalog.Access.reading, .writing])
    func theStateDirectoryIsAFile(_ kind: CatalogKind, _ access: Catalog.Access) throws {
        try withScratch(kind) { directory in
            let file = directory.appending("state")
            try write([], to: file)
            let error = #expect(throws: SnapshotError.self) { _ = try kind.open(directory: file, for: access) }
            #expect(error?.code == .refused)
            #expect(error?.message.contains("\(file) is not a directory") == true)
        }
    }

    @Test(arguments: CatalogKind.testable)
    func noDirectoryAboveTheStateDirectory(_ kind: CatalogKind) throws {
        try withScratch(kind) { directory in
            let state = directory.appending("a/b")
            let error = #expect(throws: SnapshotError.self) { _ = try kind.open(directory: state, for: .writing) }
            #expect(error?.message.contains(state.string) == true)
        }
    }

    private func check(_ damage: Damage, _ access: Catalog.Access) throws {
        try withScratch { directory in
            try fill(directory)
            try damage.cause(directory)
            let before = try state(directory)
            let error = #expect(throws: SnapshotError.self) {
                _ = try Catalog.open(directory: directory, for: access).all()
            }
            #expect(error?.code == .refused)
            #expect(error?.message.contains(directory.string) == true)
            #expect(error?.description.contains(damage.hint) == true, "\(String(describing: error))")
            #expect(try state(directory) == before)
        }
    }

    /// A catalog of several pages, with nothing left in its `-wal`.
    private func fill(_ directory: FilePath, writing output: String? = nil) throws {
        let catalog = try Catalog.open(directory: directory)
        for digit in "abcdefgh" {
            var set = SnapshotSet.sample(digit, members: 20)
            set.hooks =
                output.map { [HookResult(stage: .pre, attempt: 1, name: "a", status: .succeeded, output: $0)] } ?? []
            try catalog.save(set)
        }
        try database(directory).writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
    }

    /// The bytes and the kind of what lies under the catalog's name.
    private func state(_ directory: FilePath) throws -> [UInt8] {
        var status = stat()
        try posix(lstat(directory.catalog.string, &status))
        let kind = withUnsafeBytes(of: status.st_mode) { Array($0) }
        return kind + (status.st_mode & S_IFMT == S_IFREG ? try read(directory.catalog) : [])
    }

    private static func truncate(_ directory: FilePath, to length: (Int) -> Int) throws {
        let bytes = try read(directory.catalog)
        try write(Array(bytes[..<length(bytes.count)]), to: directory.catalog)
    }

    /// Overwrites the head of every page from `first` on; from the end, when it is negative.
    private static func overwritePages(_ directory: FilePath, from first: Int) throws {
        var bytes = try read(directory.catalog)
        let page = 4096
        let start = first < 0 ? bytes.count + first * page : first * page
        for offset in stride(from: start, to: bytes.count, by: page) {
            bytes.replaceSubrange(offset..<offset + 8, with: [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF])
        }
        try write(bytes, to: directory.catalog)
    }

    @Sendable
    private static func replaceByAnother(_ directory: FilePath) throws {
        try delete(directory.catalog)
        try database(directory).write { try $0.execute(sql: "CREATE TABLE recipe (title TEXT)") }
        try posix(chmod(directory.catalog.string, 0o600))
    }

    private static func change(_ directory: FilePath, _ sql: String) throws {
        try database(directory).write { try $0.execute(sql: sql) }
    }

    private static func delete(_ path: FilePath) throws {
        try posix(unlink(path.string))
    }
}

private func posix(_ result: CInt) throws {
    if result != 0 { throw Errno(rawValue: errno) }
}
