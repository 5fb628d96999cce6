import Catalog
import FoundationEssentials
import SetModel

extension Engine {
    public func recover(progress: any Progress) async throws -> RecoveryReport {
        let lock = try RunLock(runDirectory)
        defer { lock.release() }
        var (survey, report) = try await recoverHeld(progress)
        let cleared = await clearMountLeftovers(survey)
        report.removed += cleared.removed
        report.failures += cleared.problems
        return report
    }

    /// Releases what stands still first, since LVM could wait for it; then removes what was staged and finishes what
    /// was being deleted. The run lock is held, so no living run owns any of it.
    ///
    /// - Returns: the storage as it is afterwards.
    func recoverHeld(_ progress: any Progress) async throws -> (Survey, RecoveryReport) {
        var report = try await storage.releaseLeftovers()
        var survey = try await storage.survey()
        let leftovers = survey.sets.filter { $0.state == .staged || $0.state == .deleting }
        guard !leftovers.isEmpty else { return (survey, report) }
        progress.step("cleaning up after a run that died")
        for set in leftovers {
            do {
                try await storage.remove(set.members, of: set)
                report.removed += set.members.map(\.snapshot)
                try openStore(true).remove(id: set.id)
            } catch {
                report.failures.append("set \(set.name): \(error.asSnapshotError)")
            }
        }
        survey = try await storage.survey()
        return (survey, report)
    }

    /// Trees that a dead run was making or taking away, and clones that nothing uses any more.
    func clearMountLeftovers(_ survey: Survey) async -> (removed: [String], problems: [String]) {
        await storage.mounter.clearLeftovers(of: survey.sets, survey)
    }
}
