import Glibc
import SystemPackage
import Testing

@testable import LinuxSystem

struct AtomicFileTests {
    @Test func replacesTheContentAndLeavesNothingBeside() throws {
        let scratch = try Scratch()
        let path = try scratch.file("f", "old")
        try AtomicFile.write("new".utf8, to: path)
        #expect(try SmallFiles.text(path) == "new")
        #expect(try SmallFiles.names(scratch.path) == ["f"])
        var status = stat()
        #expect(path.withPlatformString { stat($0, &status) } == 0)
        #expect(status.st_mode & 0o7777 == 0o600)
        // More than any umask lets through.
        try AtomicFile.write(
            "for all".utf8, to: path, permissions: [.ownerReadWrite, .groupReadWrite, .otherReadWrite])
        #expect(path.withPlatformString { stat($0, &status) } == 0)
        #expect(status.st_mode & 0o7777 == 0o666)
    }

    @Test func twoWritersDoNotMeet() async throws {
        let scratch = try Scratch()
        let path = scratch.path.appending("f")
        let texts = (0..<8).map { String(repeating: "\($0)", count: 20_000) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for text in texts {
                group.addTask { for _ in 0..<5 { try AtomicFile.write(text.utf8, to: path) } }
            }
            try await group.waitForAll()
        }
        #expect(texts.contains(try SmallFiles.text(path)))
        #expect(try SmallFiles.names(scratch.path) == ["f"])
    }

    @Test func aLinkInAnOpenDirectoryIsReplacedAndNotFollowed() throws {
        let scratch = try Scratch()
        let elsewhere = try scratch.file("elsewhere", "as it was")
        let inside = try scratch.directory("inside")
        let path = inside.appending("f")
        #expect(symlink(elsewhere.string, path.string) == 0)
        let folder = try DirectoryBelow.open(inside)
        defer { try? folder.close() }
        // Whatever becomes of its path.
        #expect(rename(inside.string, inside.string + ".moved") == 0)
        try AtomicFile.write("new".utf8, to: path, in: folder)
        #expect(try SmallFiles.text(elsewhere) == "as it was")
        #expect(try SmallFiles.text(scratch.path.appending("inside.moved").appending("f")) == "new")
        for name in ["/", "x/.."] as [FilePath] {
            #expect(throws: SystemCallError.self) { try AtomicFile.write("x".utf8, to: name, in: folder) }
        }
    }

    @Test func aFailureKeepsTheOldFile() throws {
        let scratch = try Scratch()
        let path = try scratch.directory("taken")
        try scratch.file("taken/inside")
        #expect(throws: SystemCallError("rename", path, .isDirectory)) { try AtomicFile.write("x".utf8, to: path) }
        #expect(try SmallFiles.names(scratch.path) == ["taken"])
    }
}

struct SystemClockTests {
    /// /proc/uptime shows the same clock, in hundredths.
    @Test func theTimeSinceBootIsTheKernels() throws {
        func uptime() throws -> Double {
            try #require(SmallFiles.text("/proc/uptime").split(separator: " ").first.flatMap { Double($0) })
        }
        let before = try uptime()
        let time = SystemClock.sinceBoot()
        #expect(before <= time + 0.01)
        #expect(try time <= uptime() + 0.02)
    }
}

struct ProcessesTests {
    @Test func aRunningProcessIsAliveAndAnEndedOneIsNot() throws {
        let child = try Child("cat", [])
        let identity = try #require(try Processes.identity(of: child.process))
        #expect(try Processes.isAlive(identity))
        child.finish()
        #expect(try !Processes.isAlive(identity))
        #expect(try Processes.startTime(of: child.process) == nil)
    }

    @Test func anotherStartTimeOrBootIsAnotherProcess() throws {
        let identity = try #require(try Processes.identity(of: getpid()))
        var earlier = identity
        earlier.startTime -= 1
        #expect(try !Processes.isAlive(earlier))
        var rebooted = identity
        rebooted.bootID = "00000000-0000-0000-0000-000000000000"
        #expect(try !Processes.isAlive(rebooted))
        #expect(identity.bootID.count == 36)
    }

    /// The line of proc_pid_stat(5) with a name that looks like more fields.
    @Test(arguments: [("S", UInt64?.some(987_654)), ("Z", nil), ("X", nil)])
    func startTimeIsFieldTwentyTwoWhateverTheNameIs(state: String, start: UInt64?) {
        let line =
            "42 (a) S 1 (b) \(state) 1 42 42 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 987654 100 200 18446744073709551615"
        #expect(Processes.startTime(stat: line) == start)
    }

    @Test(arguments: ["", "42 (x", "42 (x) S 1 2"])
    func nonsenseHasNoStartTime(line: String) { #expect(Processes.startTime(stat: line) == nil) }
}

struct MemoryBackedTests {
    @Test func tellsProcFromMemory() throws {
        #expect(try !MemoryBacked.contains("/proc"))
        #expect(throws: SystemCallError("open", "/nowhere", .noSuchFileOrDirectory)) {
            try MemoryBacked.contains("/nowhere")
        }
    }

    @Test(
        .enabled(if: Host.isRoot, "needs root: mounts"), arguments: [("tmpfs", true), ("ramfs", true), ("proc", false)])
    func knowsTheFileSystemsThatLiveInMemory(type: String, expected: Bool) throws {
        let scratch = try Scratch()
        let target = try scratch.directory("m")
        try scratch.mount("none", at: target, type: type)
        #expect(try MemoryBacked.contains(target) == expected)
    }
}
