import LinuxSystem
import SystemPackage

/// What stands still, as far as run records tell: known without LVM, which could wait for it.
public struct Standing: Sendable, Equatable {
    /// What runs that died may have left so: mount points, and devices by device-mapper's UUID. `recover` releases it.
    public var left: [String]
    /// Hook documents of runs that died before their `post`: applications may be at rest. `recover` runs it.
    public var atRest: [String]
    /// Mount points that a person has frozen. They thaw by themselves.
    public var byHand: [String]
    /// Some command that changes something is at work now: what is staged, or half deleted, may be its.
    public var isAtWork: Bool

    public init(left: [String] = [], atRest: [String] = [], byHand: [String] = [], isAtWork: Bool = false) {
        self.left = left
        self.atRest = atRest
        self.byHand = byHand
        self.isAtWork = isAtWork
    }
}

extension Engine {
    public func standing() async throws -> Standing {
        do {
            let isAtWork = HeldLocks.isHeld(runDirectory.appending(RunLock.name))
            return Standing(
                left: try await storage.leftStanding(), atRest: isAtWork ? [] : try await storage.leftAtRest(),
                byHand: try await storage.manualFreezes(), isAtWork: isAtWork)
        } catch {
            throw error.asSnapshotError
        }
    }
}
