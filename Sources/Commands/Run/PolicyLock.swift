import LinuxSystem
import SetModel
import SystemPackage

/// One `run` at a time: two would take the same set twice.
final class PolicyLock: Sendable {
    private let lock: FileLock

    init(_ directory: FilePath, _ name: String) throws {
        let taken: FileLock?
        do {
            try SafeDirectory.ensure(directory)
            taken = try FileLock.tryExclusive(directory.appending(name))
        } catch {
            throw SnapshotError(.refused, "the run directory cannot be used", cause: error)
        }
        guard let taken else {
            throw SnapshotError(.busy, "another `stillpoint run` is at work; nothing is lost, it does what is due")
        }
        lock = taken
    }
}
