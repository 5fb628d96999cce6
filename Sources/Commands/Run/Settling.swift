import Policies
import SetModel
import Snapshots

/// What comes before anything that policies do.
enum Settling {
    /// Makes sure, before LVM is asked or anything is written, that nothing stands still of what a dead run left.
    ///
    /// - Throws: ``SnapshotError/Code/stillFrozen`` when something does all the same.
    static func settle(_ service: any SnapshotService, _ journal: PolicyJournal, _ progress: any Progress) async throws
    {
        let before = try await service.standing()
        guard journal.isSetAside || !before.left.isEmpty || !before.atRest.isEmpty else { return }
        let recovery = try await service.recover(progress: progress)
        let left = try await service.standing().left
        guard left.isEmpty else { throw SnapshotError.mayStandStill(left, causes: recovery.failures) }
        for problem in recovery.failures + recovery.problems { progress.warn(problem) }
    }
}
