import Glibc
import SystemPackage
import Testing

@testable import LinuxSystem

struct FileLockTests {
    @Test func excludesAnotherOpenDescriptionUntilReleased() throws {
        let scratch = try Scratch()
        let path = scratch.path.appending("lock")
        let first = try #require(try FileLock.tryExclusive(path))
        #expect(try FileLock.tryExclusive(path) == nil)
        first.release()
        #expect(try FileLock.tryExclusive(path) != nil)
        // The one just taken has ended.
        #expect(try FileLock.tryExclusive(path) != nil)
    }

    @Test func excludesAnotherProcess() throws {
        let scratch = try Scratch()
        let path = scratch.path.appending("lock")
        let child = try Child("flock", [path.string, "sh", "-c", "echo held; read line"])
        #expect(try child.line() == "held")
        #expect(try FileLock.tryExclusive(path) == nil)
        child.finish()
        #expect(try FileLock.tryExclusive(path) != nil)
    }

    @Test func theFileIsForItsOwnerOnlyAndClosedOnExec() throws {
        let scratch = try Scratch()
        let path = scratch.path.appending("lock")
        let lock = try #require(try FileLock.tryExclusive(path))
        var status = stat()
        #expect(fstat(lock.descriptor.rawValue, &status) == 0)
        #expect(status.st_mode & 0o7777 == 0o600)
        #expect(fcntl(lock.descriptor.rawValue, F_GETFD) & FD_CLOEXEC != 0)
    }

    @Test func refusesASymbolicLinkAndADevice() throws {
        let scratch = try Scratch()
        try Child.run("ln", "-s", "/dev/null", scratch.path.appending("link").string)
        #expect(throws: SystemCallError("open", scratch.path.appending("link"), .tooManySymbolicLinkLevels)) {
            _ = try FileLock.tryExclusive(scratch.path.appending("link")) == nil
        }
        try Child.run("mkfifo", scratch.path.appending("pipe").string)
        #expect(throws: SystemCallError("flock", scratch.path.appending("pipe"), .invalidArgument)) {
            _ = try FileLock.tryExclusive(scratch.path.appending("pipe")) == nil
        }
    }

    @Test func aLockOnADeletedFileExcludesNobody() throws {
        let scratch = try Scratch()
        let path = scratch.path.appending("lock")
        let orphan = try #require(try FileLock.tryExclusive(path))
        try Child.run("rm", path.string)
        #expect(try FileLock.tryExclusive(path) != nil)
        orphan.release()
    }
}
