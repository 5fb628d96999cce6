import Catalog
import Glibc
import LinuxSystem
import SetModel
import SystemPackage
import Testing

/// A file of a set that is not safe to use, or cannot be understood, is refused by name, and stays as it is.
@Suite(.enabled(if: CatalogKind.attributes.scratchParent != nil, CatalogKind.needsAttributes))
struct UnsafeAttributeTests {
    /// A value of one attribute, `nil` for none, and part of what a person reads.
    struct Damage: Sendable, CustomTestStringConvertible {
        let key: String
        let value: String?
        let hint: String

        init(_ key: String, _ value: String?, _ hint: String? = nil) {
            self.key = key
            self.value = value
            self.hint = hint ?? "user.stillpoint.\(key) is"
        }

        var testDescription: String { "\(key) = \(value ?? "nothing")" }
    }

    static let damages: [Damage] = [
        Damage("version", nil), Damage("version", "2"), Damage("version", "x"), Damage("name", nil),
        Damage("state", nil), Damage("state", "asleep"), Damage("consistency", "perfect"), Damage("created", nil),
        Damage("created", "yesterday"), Damage("expires", ""), Damage("purge", "1"), Damage("window", "wide"),
        Damage("members", nil), Damage("members", "2.5"), Damage("tag.1", "k"), Damage("tag.1", "%=v"),
        Damage("tag.1", nil, "user.stillpoint.tag.2 "), Damage("tag.2", "k=again", "user.stillpoint.tag.2 "),
        Damage("tag.4", "other=x", "user.stillpoint.tag.4 "), Damage("member.1", "{}"),
        Damage("member.2", #"{"index":2"#), Damage("member.1", nil, "user.stillpoint.member.2 "),
        Damage("hook.1", nil, "user.stillpoint.hook."), Damage("hook.1", #"{"stage":"never"}"#),
        Damage("held-until", "2026-11-23T05:17:11Z", "held-until does not"),
        Damage("colour", "red", "user.stillpoint.colour does not"),
    ]

    @Test(arguments: damages, [Catalog.Access.reading, .writing])
    func damaged(_ damage: Damage, _ access: Catalog.Access) throws {
        try refused(access, damage.hint) { directory in
            try rewrite(directory.file()) {
                $0["user.stillpoint." + damage.key] = damage.value.map { Array($0.utf8) }
            }
        }
    }

    @Test(arguments: ["name", "tag.1", "policy"])
    func notUTF8(_ key: String) throws {
        try refused(.reading, "user.stillpoint.\(key) is not") { directory in
            try rewrite(directory.file()) { $0["user.stillpoint." + key] = [0x6B, 0x3D, 0xFF] }
        }
    }

    @Test(arguments: ["", "[]", "x", ##"[{"errors":""}]"##])
    func otherContent(_ content: String) throws {
        try refused(.reading, "its content is") { directory in
            try write(Array(content.utf8), to: directory.file())
        }
    }

    /// As cp(1) does it, unless told otherwise.
    @Test func copiedWithoutAttributes() throws {
        try refused(.reading, "user.stillpoint.version is missing") { directory in
            try rewrite(directory.file()) { $0 = [:] }
        }
    }

    // MARK: Files

    struct Unsafe: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let hint: String
        let cause: @Sendable (FilePath) throws -> Void
    }

    static let unsafeFiles: [Unsafe] = [
        Unsafe(testDescription: "group writes the file", hint: "chmod go-w") { try change($0.file(), 0o620) },
        Unsafe(testDescription: "everybody writes the file", hint: "chmod go-w") { try change($0.file(), 0o602) },
        Unsafe(testDescription: "group writes sets", hint: "chmod go-w") { try change($0.sets, 0o770) },
        Unsafe(testDescription: "everybody writes sets", hint: "chmod go-w") { try change($0.sets, 0o1777) },
        Unsafe(testDescription: "group writes the directory", hint: "chmod go-w") { try change($0, 0o770) },
        Unsafe(testDescription: "symlink", hint: "not a regular file") { directory in
            let elsewhere = directory.appending("elsewhere")
            try done(rename(directory.file().string, elsewhere.string))
            try done(symlink(elsewhere.string, directory.file().string))
        },
        Unsafe(testDescription: "dangling symlink", hint: "not a regular file") { directory in
            try done(unlink(directory.file().string))
            try done(symlink("/nowhere/at/all", directory.file().string))
        },
        Unsafe(testDescription: "fifo", hint: "not a regular file") { directory in
            try done(unlink(directory.file().string))
            try done(mkfifo(directory.file().string, 0o600))
        },
        Unsafe(testDescription: "directory", hint: "not a regular file") { directory in
            try done(unlink(directory.file().string))
            try done(mkdir(directory.file().string, 0o700))
        },
        Unsafe(testDescription: "sets is a symlink", hint: "is not a directory") { directory in
            let elsewhere = directory.appending("elsewhere")
            try done(rename(directory.sets.string, elsewhere.string))
            try done(symlink(elsewhere.string, directory.sets.string))
        },
        Unsafe(testDescription: "sets is a file", hint: "is not a directory") { directory in
            try done(rename(directory.sets.string, directory.appending("elsewhere").string))
            try write([], to: directory.sets)
        },
        Unsafe(testDescription: "a file of someone", hint: "notes is not the file of a set") { directory in
            try write([], to: directory.sets.appending("notes"))
        },
    ]

    static let foreignFiles: [Unsafe] = [
        Unsafe(testDescription: "someone else's file", hint: "chown") { try done(chown($0.file().string, 12345, 0)) },
        Unsafe(testDescription: "someone else's sets", hint: "chown") { try done(chown($0.sets.string, 12345, 0)) },
        Unsafe(testDescription: "someone else's directory", hint: "chown") { try done(chown($0.string, 12345, 0)) },
    ]

    @Test(arguments: unsafeFiles, [Catalog.Access.reading, .writing])
    func unsafeFile(_ file: Unsafe, _ access: Catalog.Access) throws {
        try refused(access, file.hint, after: file.cause)
    }

    @Test(
        .enabled(if: geteuid() == 0, "only root gives files away"),
        arguments: foreignFiles, [Catalog.Access.reading, .writing])
    func foreignFile(_ file: Unsafe, _ access: Catalog.Access) throws {
        try refused(access, file.hint, after: file.cause)
    }

    /// Neither saving the set anew nor removing it takes away what somebody may want to look at.
    @Test func damageIsNotRepaired() throws {
        try withScratch(.attributes) { directory in
            let store = try AttributeStore.open(directory: directory)
            try store.save(.sample())
            try store.save(.sample("b"))
            try rewrite(directory.file()) { $0["user.stillpoint.state"] = Array("asleep".utf8) }
            let before = try attributes(directory.file())
            #expect(throws: SnapshotError.self) { try store.save(.sample()) }
            #expect(throws: SnapshotError.self) { try store.remove(id: SnapshotSet.sample().id) }
            #expect(throws: SnapshotError.self) { try store.set(id: SnapshotSet.sample().id) }
            #expect(throws: SnapshotError.self) { try store.all() }
            #expect(try attributes(directory.file()) == before)
            // The others are as they were.
            #expect(try store.set(id: SnapshotSet.sample("b").id) == SnapshotSet.sample("b"))
        }
    }

    private func refused(
        _ access: Catalog.Access, _ hint: String, after cause: (FilePath) throws -> Void
    ) throws {
        try withScratch(.attributes) { directory in
            var set = SnapshotSet.sample()
            set.tags = ["k": "v", "l": "w"]
            set.hooks = [HookResult(stage: .pre, attempt: 1, name: "dump", status: .succeeded, output: "out")]
            try AttributeStore.open(directory: directory).save(set)
            try cause(directory)
            let before = names(directory)
            let error = #expect(throws: SnapshotError.self) {
                _ = try AttributeStore.open(directory: directory, for: access).all()
            }
            #expect(error?.code == .refused)
            #expect(error?.message.contains(directory.string) == true)
            #expect(error?.description.contains(hint) == true, "\(String(describing: error))")
            #expect(names(directory) == before)
        }
    }

    /// What is there, and what it is.
    private func names(_ directory: FilePath) -> [String] {
        [directory, directory.sets, directory.file()].map { path in
            let entries: [String] = (try? DirectoryListing.names(path)) ?? []
            return "\(path) \(permissions(path) ?? 0) \(entries)"
        }
    }

    private static func change(_ path: FilePath, _ mode: mode_t) throws { try done(chmod(path.string, mode)) }
}

private func done(_ result: CInt) throws {
    if result != 0 { throw Errno(rawValue: errno) }
}
