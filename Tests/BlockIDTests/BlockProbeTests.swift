import BlockID
import Glibc
import SystemPackage
import Testing

/// Image files made by the programs that make the real thing.
struct BlockProbeTests {
    private static func find(_ program: String) -> String? {
        ["/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/"].map { $0 + program }.first { access($0, X_OK) == 0 }
    }

    static func has(_ program: String) -> Bool { find(program) != nil }

    private static func run(_ program: String, _ arguments: [String]) throws {
        let path = try #require(find(program))
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for descriptor in [0, 1, 2] as [CInt] {
            posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
        }
        var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
        defer { words.forEach { free($0) } }
        var process: pid_t = 0
        try #require(posix_spawn(&process, path, &actions, nil, &words, environ) == 0)
        var status: Int32 = -1
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        try #require(status == 0, "\(program) \(arguments)")
    }

    /// An image file without blocks for as long as `body` runs.
    private func withImage<Result>(megabytes: Int, _ body: (FilePath) throws -> Result) throws -> Result {
        var template = Array("/tmp/stillpoint-test-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        try #require(descriptor >= 0)
        defer {
            unlink(template)
            close(descriptor)
        }
        try #require(ftruncate(descriptor, off_t(megabytes) << 20) == 0)
        return try body(FilePath(platformString: template))
    }

    private static let uuid = "01234567-89ab-4cde-8f01-23456789abcd"

    @Test(.enabled(if: has("mkfs.ext4"), "needs mkfs.ext4")) func ext4() throws {
        try withImage(megabytes: 16) { image in
            try Self.run("mkfs.ext4", ["-q", "-F", "-U", Self.uuid, "-L", "a label", image.string])
            let identity = try BlockProbe.identify(image)
            #expect(identity?.type == "ext4")
            #expect(identity?.usage == .filesystem)
            #expect(identity?.uuid == Self.uuid)
            #expect(identity?.label == "a label")
            #expect(identity?.version == "1.0")
            #expect(identity?.journalUUID == nil)
        }
    }

    @Test(.enabled(if: has("mkfs.xfs"), "needs mkfs.xfs")) func xfs() throws {
        try withImage(megabytes: 400) { image in
            try Self.run("mkfs.xfs", ["-q", "-m", "uuid=" + Self.uuid, image.string])
            let identity = try BlockProbe.identify(image)
            #expect(identity?.type == "xfs")
            #expect(identity?.usage == .filesystem)
            #expect(identity?.uuid == Self.uuid)
            #expect(identity?.label == nil)
        }
    }

    @Test(.enabled(if: has("mkfs.btrfs"), "needs mkfs.btrfs")) func btrfs() throws {
        try withImage(megabytes: 128) { image in
            try Self.run("mkfs.btrfs", ["-q", "-U", Self.uuid, image.string])
            let identity = try BlockProbe.identify(image)
            #expect(identity?.type == "btrfs")
            #expect(identity?.uuid == Self.uuid)
        }
    }

    @Test(.enabled(if: has("cryptsetup"), "needs cryptsetup"), arguments: ["1", "2"]) func luks(version: String) throws
    {
        try withImage(megabytes: 32) { image in
            try withImage(megabytes: 1) { key in
                try Self.run(
                    "cryptsetup",
                    [
                        "luksFormat", "--batch-mode", "--type", "luks" + version, "--pbkdf", "pbkdf2",
                        "--pbkdf-force-iterations", "1000", "--uuid", Self.uuid, "--keyfile-size", "32", "--key-file",
                        key.string, image.string,
                    ])
            }
            let identity = try BlockProbe.identify(image)
            #expect(identity?.type == "crypto_LUKS")
            #expect(identity?.usage == .crypto)
            #expect(identity?.uuid == Self.uuid)
            #expect(identity?.version == version)
        }
    }

    @Test(.enabled(if: has("mkswap"), "needs mkswap")) func swap() throws {
        try withImage(megabytes: 4) { image in
            try Self.run("mkswap", ["-U", Self.uuid, image.string])
            let identity = try BlockProbe.identify(image)
            #expect(identity?.type == "swap")
            #expect(identity?.usage == .other)
        }
    }

    @Test(.enabled(if: has("mke2fs"), "needs mke2fs")) func theJournalOfAnExt4() throws {
        try withImage(megabytes: 16) { image in
            try Self.run("mke2fs", ["-q", "-F", "-O", "journal_dev", "-U", Self.uuid, image.string])
            let identity = try BlockProbe.identify(image)
            #expect(identity?.type == "jbd")
            #expect(identity?.usage == .other)
            #expect(identity?.uuid == Self.uuid)
        }
    }

    @Test func nothingIsNil() throws {
        #expect(try withImage(megabytes: 4) { try BlockProbe.identify($0) } == nil)
        #expect(try withImage(megabytes: 0) { try BlockProbe.identify($0) } == nil)
    }

    @Test(.enabled(if: has("mkswap") && has("mke2fs"), "needs mkswap and mke2fs")) func twoSignaturesAreAnError() throws
    {
        try withImage(megabytes: 16) { image in
            try Self.run("mke2fs", ["-q", "-F", "-b", "4096", image.string])
            // What mke2fs leaves of an older swap signature: bytes 4086 to 4095, before its own superblock's copy.
            let file = try FileDescriptor.open(image, .readWrite)
            defer { try? file.close() }
            let magic = Array("SWAPSPACE2".utf8)
            _ = try magic.withUnsafeBytes { try file.write(toAbsoluteOffset: 4086, $0) }
            let header: [UInt8] = [1, 0, 0, 0, 0xff, 0x03, 0, 0]
            _ = try header.withUnsafeBytes { try file.write(toAbsoluteOffset: 1024, $0) }
            #expect(throws: BlockProbeError.ambivalent(image)) { try BlockProbe.identify(image) }
            #expect(BlockProbeError.ambivalent(image).description.contains("wipefs \(image)"))
        }
    }

    @Test func aMissingFileIsNamed() {
        #expect(throws: BlockProbeError.call("/nowhere", .noSuchFileOrDirectory)) {
            try BlockProbe.identify("/nowhere")
        }
    }
}
