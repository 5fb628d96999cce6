import LinuxSystem
import SetModel
public import SystemPackage

/// A lock in the run directory, held as long as the value lives; by its default name that of a changing command, which
/// holds it from beginning to end: one run at a time on a host.
public final class RunLock: Sendable {
    /// Of the engine's, in the run directory.
    public static let name = "lock"

    private let lock: FileLock

    /// - Parameter whenHeld: What is said when another process holds it.
    /// - Throws: ``SnapshotError``, `busy` then; `refused` when the directory or the file cannot be used.
    public init(_ directory: FilePath, name: String = RunLock.name, whenHeld: String? = nil) throws {
        do {
            try SafeDirectory.ensure(directory)
        } catch {
            throw SnapshotError(.refused, "the run directory cannot be used", cause: error)
        }
        let path = directory.appending(name)
        let taken: FileLock?
        do { taken = try FileLock.tryExclusive(path) } catch {
            throw SnapshotError(.refused, "the lock \(path) cannot be used", cause: error)
        }
        guard let taken else {
            throw SnapshotError(
                .busy, whenHeld ?? "another run of stillpoint holds \(path); try again when it has ended")
        }
        lock = taken
    }

    /// Keeps the lock until here.
    public func release() { withExtendedLifetime(self) {} }
}
