import LinuxSystem
public import SetModel
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

extension SnapshotService {
    /// Makes sure that nothing stands still that a dead run left: LVM, or who writes to a disk, could wait for it.
    ///
    /// - Returns: what stands by hand all the same, or is at rest.
    /// - Throws: ``SnapshotError/Code/stillFrozen``.
    @discardableResult
    public func demandNothingLeft() async throws -> Standing {
        let standing = try await standing()
        guard standing.left.isEmpty else { throw SnapshotError.mayStandStill(standing.left) }
        return standing
    }
}

extension SnapshotError {
    /// LVM would write to what a person has frozen, and wait for it.
    public static func frozenByHand(_ mountPoints: [String]) -> SnapshotError {
        SnapshotError(
            .busy, "\(mountPoints.joined(separator: ", ")) is frozen by hand; end it with `stillpoint thaw`")
    }

    /// - Parameter left: as ``Standing/left`` has it.
    public static func mayStandStill(_ left: [String], causes: [String] = []) -> SnapshotError {
        SnapshotError(
            .stillFrozen, "\(left.joined(separator: ", ")) may stand still; run `stillpoint recover`", causes: causes)
    }
}
