import Glibc
import SystemPackage
import Testing

@testable import LinuxSystem

struct FileLockTests {
    private struct Held: Error {}

    private func take(_ path: FilePath) throws -> FileLock {
        guard let lock = try FileLock.tryExclusive(path) else { throw Held() }
        return lock
    }

    /// Takes the lock and lets go of it.
    private func isFree(_ path: FilePath) throws -> Bool {
        do {
            _ = try take(path)
            return true
        } catch is Held {
            return false
        }
    }

    @Test func excludesAnotherOpenDescriptionUntilReleased() throws {
        let scratch = try Scratch()
        let path = scratch.path.appending("lock")
        let first = try take(path)
        #expect(try !isFree(path))
        first.release()
        #expect(try isFree(path))
        // The one just taken has ended.
        #expect(try isFree(path))
    }

    @Test func excludesAnotherProcess() throws {
        let scratch = try Scratch()
        let path = scratch.path.appending("lock")
        let child = try Child("flock", [path.string, "sh", "-c", "echo held; read line"])
        #expect(try child.line() == "held")
        #expect(try !isFree(path))
        child.finish()
        #expect(try isFree(path))
    }

    @Test func theFileIsForItsOwnerOnlyAndClosedOnExec() throws {
        let scratch = try Scratch()
        let path = scratch.path.appending("lock")
        let lock = try take(path)
        var status = stat()
        #expect(fstat(lock.descriptor.rawValue, &status) == 0)
        #expect(status.st_mode & 0o7777 == 0o600)
        #expect(fcntl(lock.descriptor.rawValue, F_GETFD) & FD_CLOEXEC != 0)
    }

    @Test func refusesASymbolicLinkAndADevice() throws {
        let scratch = try Scratch()
        try Child.run("ln", "-s", "/dev/null", scratch.path.appending("link").string)
        #expect(throws: SystemCallError("open", scratch.path.appending("link"), .tooManySymbolicLinkLevels)) {
            try isFree(scratch.path.appending("link"))
        }
        try Child.run("mkfifo", scratch.path.appending("pipe").string)
        #expect(throws: SystemCallError("flock", scratch.path.appending("pipe"), .invalidArgument)) {
            try isFree(scratch.path.appending("pipe"))
        }
    }

    @Test func aLockOnADeletedFileExcludesNobody() throws {
        let scratch = try Scratch()
        let path = scratch.path.appending("lock")
        let orphan = try take(path)
        try Child.run("rm", path.string)
        #expect(try isFree(path))
        orphan.release()
    }
}
