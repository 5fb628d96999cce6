import LinuxSystem
import SystemPackage

/// What stands still, as far as run records tell: known without LVM, which could wait for it.
public struct Standing: Sendable, Equatable {
    /// What runs that died may have left so: mount points, and devices by device-mapper's UUID. `recover` releases it.
    public var left: [String]
    /// Mount points that a person has frozen. They thaw by themselves.
    public var byHand: [String]
    /// Some command that changes something is at work now: what is staged, or half deleted, may be its.
    public var isAtWork: Bool

    public init(left: [String] = [], byHand: [String] = [], isAtWork: Bool = false) {
        self.left = left
        self.byHand = byHand
        self.isAtWork = isAtWork
    }
}

extension Engine {
    public func standing() async throws -> Standing {
        do {
            return Standing(
                left: try await storage.leftStanding(), byHand: try await storage.manualFreezes(),
                isAtWork: HeldLocks.isHeld(runDirectory.appending(RunLock.name)))
        } catch {
            throw error.asSnapshotError
        }
    }
}
