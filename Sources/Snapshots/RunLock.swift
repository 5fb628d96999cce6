import LinuxSystem
import SetModel
import SystemPackage

/// The lock that a changing command holds from beginning to end: one run at a time on a host.
final class RunLock: Sendable {
    private let lock: FileLock

    init(_ directory: FilePath) throws {
        do {
            try SafeDirectory.ensure(directory)
        } catch {
            throw SnapshotError(.refused, "the run directory cannot be used", cause: error)
        }
        let path = directory.appending("lock")
        let taken: FileLock?
        do { taken = try FileLock.tryExclusive(path) } catch {
            throw SnapshotError(.refused, "the lock \(path) cannot be used", cause: error)
        }
        guard let taken else {
            throw SnapshotError(.busy, "another run of stillpoint holds \(path); try again when it has ended")
        }
        lock = taken
    }

    /// Keeps the lock until here.
    func release() { withExtendedLifetime(self) {} }
}
