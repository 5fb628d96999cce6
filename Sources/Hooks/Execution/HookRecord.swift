import FoundationEssentials
import Glibc
import LinuxSystem
public import SystemPackage

/// What tells that applications may be at rest: a file with the plan, which a supervisor holds under flock(2) for as
/// long as it lives. One that nobody holds is of a supervisor that died.
public struct HookRecord: ~Copyable, Sendable {
    private let path: FilePath
    private let lock: FileLock

    /// The ending of its name, after the run's.
    public static let suffix = ".hooks"

    private init(_ path: FilePath, _ lock: consuming FileLock) {
        self.path = path
        self.lock = lock
    }

    /// - Parameter isLasting: it has to be there after a power cut.
    /// - Returns: `nil` when somebody else holds it.
    static func create(_ plan: HookPlan, at path: FilePath, isLasting: Bool = false) throws -> HookRecord? {
        guard let lock = try FileLock.tryExclusive(path) else { return nil }
        let descriptor = lock.descriptor
        // Whoever takes over finds a plan that is whole, and leaves it so.
        if (try? Self.plan(in: descriptor, path)) != plan {
            guard ftruncate(descriptor.rawValue, 0) == 0 else {
                throw SystemCallError("ftruncate", path, Errno(rawValue: errno))
            }
            _ = try descriptor.writeAll(toAbsoluteOffset: 0, Array(JSONEncoder().encode(plan)))
        }
        if isLasting {
            guard fsync(descriptor.rawValue) == 0 else { throw SystemCallError("fsync", path, Errno(rawValue: errno)) }
            let directory = path.removingLastComponent()
            let folder = try FileDescriptor.open(directory, .readOnly, options: [.directory, .closeOnExec])
            defer { try? folder.close() }
            guard fsync(folder.rawValue) == 0 else {
                throw SystemCallError("fsync", directory, Errno(rawValue: errno))
            }
        }
        return HookRecord(path, lock)
    }

    consuming func remove() { _ = path.withPlatformString { unlink($0) } }

    /// Whether a supervisor lives that holds it.
    public static func isHeld(_ path: FilePath) -> Bool {
        guard let file = try? FileDescriptor.open(path, .readWrite, options: [.closeOnExec, .noFollow]) else {
            return false
        }
        defer { try? file.close() }
        return flock(file.rawValue, LOCK_EX | LOCK_NB) != 0
    }

    /// The plan of a record that nobody holds.
    ///
    /// - Throws: when the record cannot be read: nothing was begun before it was whole.
    public static func abandoned(at path: FilePath) throws -> HookPlan {
        let file = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .noFollow])
        defer { try? file.close() }
        return try plan(in: file, path)
    }

    private static func plan(in file: FileDescriptor, _ path: FilePath) throws -> HookPlan {
        var status = stat()
        guard fstat(file.rawValue, &status) == 0 else {
            throw SystemCallError("fstat", path, Errno(rawValue: errno))
        }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        let count = try bytes.withUnsafeMutableBytes { try file.read(fromAbsoluteOffset: 0, into: $0) }
        return try JSONDecoder().decode(HookPlan.self, from: Data(bytes.prefix(count)))
    }
}
