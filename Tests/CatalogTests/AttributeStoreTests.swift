import Catalog
import FoundationEssentials
import LinuxSystem
import SetModel
import SystemPackage
import Testing

@Suite(.enabled(if: CatalogKind.attributes.scratchParent != nil, CatalogKind.needsAttributes))
struct AttributeStoreTests {
    private static let member = """
        {"filesystem":"ext4","frozenMs":1.5,"index":1,"mountPoint":"/mnt/1","originUUID":"O1","sizeBytes":1073741824,\
        "snapshot":"vg/lv1_sp","snapshotUUID":"S1","thinID":1,"volume":"vg/lv1"}
        """
    private static let hooks = [
        #"{"attempt":1,"durationMs":2.5,"exitCode":0,"name":"dump","stage":"pre","status":"succeeded"}"#,
        #"{"attempt":2,"durationMs":0,"name":"wait","reason":"slow","signal":9,"stage":"hold","status":"timed-out"}"#,
    ]

    /// What a release has shipped stays as it is: names and values.
    @Test func theAttributes() throws {
        try withScratch(.attributes) { directory in
            var set = SnapshotSet.sample()
            set.expiresAt = Date(timeIntervalSince1970: 1_795_411_032)
            set.policy = "p"
            set.schedule = "daily,weekly"
            set.tags = ["k": "v", "a": ""]
            set.frozenWindowMs = 40.25
            set.memberCount = 3
            set.hold = SetHold(reason: "audit", until: Date(timeIntervalSince1970: 1_795_411_033))
            set.purgeAt = Date(timeIntervalSince1970: 1_795_411_034)
            set.members[0].frozenMs = 1.5
            set.members[1] = Member(index: 3, volume: "vg/b", originUUID: "O", snapshot: "vg/b_sp", sizeBytes: 512)
            set.hooks = [
                HookResult(
                    stage: .pre, attempt: 1, name: "dump", status: .succeeded, exitCode: 0, durationMs: 2.5,
                    output: "out", errors: "err"),
                HookResult(stage: .hold, attempt: 2, name: "wait", status: .timedOut, signal: 9, reason: "slow"),
            ]
            try open(directory).save(set)
            let texts = try attributes(directory.file()).mapValues { String(decoding: $0, as: UTF8.self) }
            let expected: [String: String] = [
                "version": "1", "name": "set-a", "state": "complete", "consistency": "filesystem", "reason": "frozen",
                "created": "2026-11-23T05:17:11Z", "expires": "2026-11-23T05:17:12Z", "policy": "p",
                "schedule": "daily,weekly", "window": "40.25", "members": "3", "hold": "audit",
                "held-until": "2026-11-23T05:17:13Z", "purge": "2026-11-23T05:17:14Z", "tag.1": "a=", "tag.2": "k=v",
                "member.1": Self.member,
                "member.2": #"{"index":3,"originUUID":"O","sizeBytes":512,"snapshot":"vg/b_sp","volume":"vg/b"}"#,
                "hook.1": Self.hooks[0], "hook.2": Self.hooks[1],
            ]
            for (key, value) in expected { #expect(texts["user.stillpoint." + key] == value) }
            #expect(texts.count == expected.count)
            let content = String(decoding: try read(directory.file()), as: UTF8.self)
            #expect(content == #"[{"errors":"err","output":"out"},{"errors":"","output":""}]"#)
        }
    }

    @Test func withoutHooksTheFileIsEmpty() throws {
        try withScratch(.attributes) { directory in
            try open(directory).save(.sample())
            #expect(try read(directory.file()).isEmpty)
        }
    }

    /// Longer than ext4 lets an attribute be.
    @Test func whatHooksWroteHasNoLimit() throws {
        try withScratch(.attributes) { directory in
            var set = SnapshotSet.sample()
            set.hooks = (1...5).map { attempt in
                HookResult(
                    stage: .post, attempt: attempt, name: "dump", status: .failed, exitCode: 1,
                    output: String(repeating: "日", count: 24_000), errors: String(repeating: "\n", count: 8_000))
            }
            try open(directory).save(set)
            #expect(try open(directory).all() == [set])
        }
    }

    @Test func attributesOfOthersAreTheirs() throws {
        try withScratch(.attributes) { directory in
            try open(directory).save(.sample())
            try rewrite(directory.file()) { $0["user.comment"] = [0xFF] }
            #expect(try open(directory).all() == [.sample()])
        }
    }

    @Test func anIDThatIsNone() throws {
        try withScratch(.attributes) { directory in
            for id in ["", "a", "../state", String(repeating: "A", count: 32), String(repeating: "g", count: 32)] {
                var set = SnapshotSet.sample()
                set.id = id
                let error = #expect(throws: SnapshotError.self) { try open(directory).save(set) }
                #expect(error?.code == .refused)
            }
            let names = try DirectoryListing.names(directory.sets)
            #expect(names.isEmpty)
        }
    }

    // MARK: All of it, or nothing

    /// More than any file system takes (XATTR_SIZE_MAX is 64 KiB).
    private static let tooLong = String(repeating: "x", count: 70_000)

    @Test func anAttributeThatIsTooLong() throws {
        try withScratch(.attributes) { directory in
            let store = try open(directory)
            try store.save(.sample("a"))
            for digit in "ab" {
                var set = SnapshotSet.sample(digit)
                set.state = .degraded
                set.policy = Self.tooLong
                let error = #expect(throws: SnapshotError.self) { try store.save(set) }
                #expect(error?.code == .failed)
                for part in ["user.stillpoint.policy", "70000 bytes", directory.sets.string, "catalog: sqlite"] {
                    #expect(error?.message.contains(part) == true, "\(String(describing: error))")
                }
            }
            #expect(try store.all() == [.sample("a")])
            #expect(try DirectoryListing.names(directory.sets) == [SnapshotSet.sample("a").id])
        }
    }

    /// From what fits everywhere to what ext4 has no room for.
    @Test func moreAndMoreTags() throws {
        try withScratch(.attributes) { directory in
            let store = try open(directory)
            var kept = SnapshotSet.sample()
            try store.save(kept)
            for count in stride(from: 0, through: 45, by: 3) {
                var set = SnapshotSet.sample()
                for number in 0..<count { set.tags["key \(number)"] = String(repeating: "v", count: 256) }
                do throws(SnapshotError) {
                    try store.save(set)
                    kept = set
                } catch {
                    #expect(error.code == .failed)
                    #expect(error.message.contains("user.stillpoint."))
                }
                #expect(try store.all() == [kept])
                #expect(try DirectoryListing.names(directory.sets) == [set.id])
            }
        }
    }

    @Test func aFileThatACrashLeft() throws {
        try withScratch(.attributes) { directory in
            let store = try open(directory)
            let leftover = directory.sets.appending(".new-" + SnapshotSet.sample().id)
            try write(Array("half".utf8), to: leftover)
            #expect(try store.all().isEmpty)
            #expect(try store.set(id: SnapshotSet.sample().id) == nil)
            try store.save(.sample())
            #expect(try store.all() == [.sample()])
            #expect(!exists(leftover))
            try write(Array("half".utf8), to: leftover)
            try store.remove(id: SnapshotSet.sample().id)
            #expect(try DirectoryListing.names(directory.sets).isEmpty)
        }
    }

    /// Whoever reads meanwhile sees one of them, whole.
    @Test func oneSetWrittenByMany() async throws {
        let directory = try scratchDirectory(.attributes)
        defer { removeScratch(directory) }
        let versions = (1...4).map { number in
            var set = SnapshotSet.sample()
            set.tags = ["writer": String(number)]
            set.hooks = [
                HookResult(
                    stage: .pre, attempt: number, name: "dump", status: .succeeded,
                    output: String(repeating: String(number), count: 20_000))
            ]
            return set
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for version in versions {
                group.addTask {
                    let store = try AttributeStore.open(directory: directory)
                    for _ in 0..<10 {
                        try store.save(version)
                        guard let found = try store.all().first, versions.contains(found) else {
                            throw Errno.ioError
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try DirectoryListing.names(directory.sets) == [SnapshotSet.sample().id])
    }

    private func open(_ directory: FilePath) throws -> AttributeStore {
        try AttributeStore.open(directory: directory)
    }
}
