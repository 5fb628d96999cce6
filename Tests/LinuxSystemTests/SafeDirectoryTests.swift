import Glibc
import SystemPackage
import Testing

@testable import LinuxSystem

struct SafeDirectoryTests {
    private func refusal(_ path: FilePath, create: Bool = true) throws -> UnsafeDirectoryError? {
        do {
            if create { try SafeDirectory.ensure(path) } else { try SafeDirectory.verify(path) }
            return nil
        } catch let error as UnsafeDirectoryError {
            return error
        }
    }

    private func mode(_ path: FilePath) -> UInt32? {
        var status = stat()
        return path.withPlatformString { lstat($0, &status) } == 0 ? UInt32(status.st_mode & 0o7777) : nil
    }

    @Test func makesTheDirectoryAndItsParents() throws {
        let scratch = try Scratch()
        let path = scratch.path.pushing("a/b")
        #expect(try refusal(path) == nil)
        #expect(mode(path) == 0o700)
        #expect(mode(scratch.path.appending("a")) == 0o700)
        #expect(try refusal(path) == nil)
        #expect(try refusal(path, create: false) == nil)
    }

    @Test func verifyMakesNothing() throws {
        let scratch = try Scratch()
        let path = scratch.path.appending("a")
        #expect(throws: SystemCallError("open", path, .noSuchFileOrDirectory)) { try SafeDirectory.verify(path) }
        #expect(mode(path) == nil)
    }

    @Test(arguments: [0o720, 0o702, 0o770, 0o777, 0o1777])
    func refusesWhatOthersCanWriteIn(bits: Int) throws {
        let scratch = try Scratch()
        let path = try scratch.directory("a")
        try Child.run("chmod", String(bits, radix: 8), path.string)
        #expect(try refusal(path) == UnsafeDirectoryError(path: path, reason: .writable(UInt16(bits))))
        #expect(try refusal(path)?.description.hasSuffix("chmod go-w \(path)") == true)
    }

    @Test(arguments: [0o700, 0o750, 0o755, 0o711])
    func acceptsWhatOthersCanOnlyRead(bits: Int) throws {
        let scratch = try Scratch()
        let path = try scratch.directory("a")
        try Child.run("chmod", String(bits, radix: 8), path.string)
        #expect(try refusal(path) == nil)
    }

    @Test func aDirectoryAboveMayBeWritableOnlyWhenItIsSticky() throws {
        let scratch = try Scratch()
        let path = try scratch.directory("a/b")
        let above = scratch.path.appending("a")
        try Child.run("chmod", "1777", above.string)
        #expect(try refusal(path) == nil)
        try Child.run("chmod", "0777", above.string)
        #expect(try refusal(path) == UnsafeDirectoryError(path: above, reason: .writable(0o777)))
    }

    @Test func refusesASymbolicLinkAnywhere() throws {
        let scratch = try Scratch()
        _ = try scratch.directory("real/b")
        let link = scratch.path.appending("link")
        try Child.run("ln", "-s", "real", link.string)
        let expected = UnsafeDirectoryError(path: link, reason: .symbolicLink)
        #expect(try refusal(link) == expected)
        #expect(try refusal(link.appending("b")) == expected)
        // One that leads nowhere is not followed to make a directory there.
        try Child.run("ln", "-s", "nowhere", scratch.path.appending("dangling").string)
        #expect(
            try refusal(scratch.path.appending("dangling"))
                == UnsafeDirectoryError(path: scratch.path.appending("dangling"), reason: .symbolicLink))
        #expect(mode(scratch.path.appending("nowhere")) == nil)
    }

    @Test func refusesAFile() throws {
        let scratch = try Scratch()
        let file = try scratch.file("f")
        #expect(try refusal(file) == UnsafeDirectoryError(path: file, reason: .notDirectory))
        #expect(try refusal(file.appending("x")) == UnsafeDirectoryError(path: file, reason: .notDirectory))
    }

    @Test(.enabled(if: Host.isRoot, "needs root: gives a directory away"))
    func refusesAnotherOwner() throws {
        let scratch = try Scratch()
        let path = try scratch.directory("a/b")
        let above = scratch.path.appending("a")
        try Child.run("chown", "65534", path.string)
        #expect(try refusal(path) == UnsafeDirectoryError(path: path, reason: .owner(65534, wanted: 0)))
        try Child.run("chown", "65534", above.string)
        #expect(try refusal(path) == UnsafeDirectoryError(path: above, reason: .owner(65534, wanted: 0)))
    }

    @Test(arguments: ["run/x", "/tmp/../tmp/x", "."])
    func refusesWhatIsNotAbsolute(path: String) throws {
        #expect(try refusal(FilePath(path)) == UnsafeDirectoryError(path: FilePath(path), reason: .notAbsolute))
    }
}
