import Glibc
import SystemPackage

@testable import LinuxSystem

/// A directory of one test, and everything that has to be undone before it goes, last in first out.
final class Scratch {
    let path: FilePath
    private var undo: [() -> Void] = []

    /// - Parameter directory: `/tmp`, or a place of another kind.
    init(in directory: String = "/tmp") throws {
        var template = Array("\(directory)/stillpoint-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Errno.last }
        path = FilePath(platformString: template)
    }

    deinit {
        for step in undo.reversed() { step() }
        _ = try? Child.run("rm", "-rf", "--one-file-system", path.string)
    }

    /// - Parameter step: must not hold on to this value: it would never end.
    func atEnd(_ step: @escaping () -> Void) { undo.append(step) }

    func directory(_ name: String) throws -> FilePath {
        let directory = path.pushing(FilePath(name))
        try Self.makeDirectories(directory)
        return directory
    }

    @discardableResult
    func file(_ name: String, _ content: String = "") throws -> FilePath {
        let file = path.pushing(FilePath(name))
        try Self.makeDirectories(file.removingLastComponent())
        let descriptor = try FileDescriptor.open(
            file, .writeOnly, options: [.create, .truncate, .closeOnExec], permissions: .ownerReadWrite)
        defer { try? descriptor.close() }
        _ = try descriptor.writeAll(content.utf8)
        return file
    }

    func link(_ name: String, to target: String) throws {
        let path = path.pushing(FilePath(name))
        try Self.makeDirectories(path.removingLastComponent())
        guard symlink(target, path.string) == 0 else { throw SystemCallError("symlink", path, .last) }
    }

    private static func makeDirectories(_ directory: FilePath) throws {
        if mkdir(directory.string, 0o755) == 0 || errno == EEXIST { return }
        guard errno == ENOENT else { throw SystemCallError("mkdir", directory, .last) }
        try makeDirectories(directory.removingLastComponent())
        try makeDirectories(directory)
    }

    /// A file of `megabytes` without blocks.
    func image(_ name: String, megabytes: Int, in directory: FilePath? = nil) throws -> FilePath {
        let file = (directory ?? path).appending(name)
        try Child.run("truncate", "-s", "\(megabytes)M", file.string)
        return file
    }

    /// A loop device over a file.
    func loop(_ image: FilePath) throws -> String {
        let node = try Child.run("losetup", "-f", "--show", image.string)
        atEnd { _ = try? Child.run("losetup", "-d", node) }
        return node
    }

    /// Mounts and unmounts at the end.
    func mount(_ source: String, at target: FilePath, type: String?, flags: MountFlags = [], options: String = "")
        throws
    {
        try MountCalls.mount(source, at: target, type: type, flags: flags, options: options)
        // Also when a failed test left something open.
        atEnd { try? MountCalls.unmount(target, detach: true) }
    }
}
