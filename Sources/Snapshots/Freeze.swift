import FoundationEssentials
import SetModel

extension Engine {
    /// Runs of this name hold a freeze that a person asked for: they outlive their engine on purpose.
    static let manualFreezePrefix = "freeze-"

    /// The file systems of thin volumes only: those are what the guard knows how to release after a crash.
    public func freeze(_ targets: [String], for duration: Duration) async throws -> FreezeReport {
        try await withRunLock(NoProgress(), besideManualFreeze: true) { survey in
            let volumes = try await TargetResolver(survey: survey, storage: storage).volumes(targets)
            let names = Set(volumes.map(\.name))
            let systems = survey.fileSystemsToFreeze(for: names)
            for volume in volumes where !systems.contains(where: { $0.volumes.contains(volume.name) }) {
                throw SnapshotError(.refused, "\(volume.name) has no mounted file system that could be frozen")
            }
            let plan = CutPlan(
                run: Self.manualFreezePrefix + UUID().uuidString.lowercased(), fileSystems: systems, parts: [],
                volumeGroups: [])
            let session = try await storage.startGuard().arm(plan)
            let begin = ContinuousClock.now
            do {
                try await session.hold(for: duration)
            } catch {
                throw await undoing(error, dismissing: session)
            }
            // The clock runs from the first freeze on.
            let left = max(.zero, duration - (ContinuousClock.now - begin))
            return FreezeReport(
                mountPoints: systems.map(\.label),
                thawsInSeconds: (left / .milliseconds(100)).rounded(.down) / 10)
        }
    }

    public func thaw() async throws -> [String] {
        do { return try await storage.endManualFreezes() } catch { throw error.asSnapshotError }
    }
}
