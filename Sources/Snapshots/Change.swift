import Catalog
import LVM
import LinuxSystem
public import SetModel

extension Engine {
    public func change(
        _ name: String, _ change: SetChange, expecting premise: DeletionPremise?, progress: any Progress
    ) async throws -> SnapshotSet {
        try await withRunLock(progress) { survey in
            let index = try openStore(true)
            let remembered = try index.all()
            let known = Catalog.merge(truth: survey.sets, index: remembered)
            let set = try find(name, in: known)
            try premise?.require(of: set, among: known)
            try survey.demandUnambiguous(set)
            let changed = try set.changed(by: change, at: now())
            // A member that is away would come back with what was said before.
            guard survey.isComplete else { throw SnapshotError.incomplete }
            do { try await storage.retag(changed) } catch let error as LVMError {
                guard error.code != .unexpressible else { throw SnapshotError(.usage, error.message) }
                throw SnapshotError(
                    .partial, "set \(set.name) was not changed as a whole; do it again", cause: error.asSnapshotError)
            } catch {
                throw SnapshotError(
                    .partial, "set \(set.name) was not changed as a whole; do it again", cause: error.asSnapshotError)
            }
            StopPoint.reach("engine.retagged")
            // To hold or tag another host's set does not make it this host's.
            guard change.takesIn || remembered.contains(where: { $0.id == changed.id }) else { return changed }
            do { try index.saveWhatFits(changed) } catch {
                throw SnapshotError(
                    .partial,
                    "set \(set.name) is changed, and the catalog could not be written: what LVM's tags say counts",
                    cause: error)
            }
            return changed
        }
    }

    public func reindex(progress: any Progress) async throws -> ReindexReport {
        try await withRunLock(progress) { survey in
            // What cannot be seen now is not lost.
            guard survey.isComplete else { throw SnapshotError.incomplete }
            let index = try openStore(true)
            // Whoever doubts the catalog asks for this.
            try index.verify()
            let known = try index.all()
            let sets = Catalog.merge(truth: survey.sets, index: known).filter { !$0.members.isEmpty }
            var report = ReindexReport(sets: sets.count)
            for set in sets where !known.contains(set) {
                do {
                    try index.saveWhatFits(set)
                    report.written.append(set.name)
                } catch {
                    // One that there is no room for keeps no other out.
                    progress.warn("the catalog does not have all of set \(set.name): \(error)")
                    guard try index.set(id: set.id) != nil else { throw error }
                }
            }
            let present = Set(sets.map(\.id))
            for set in known where !present.contains(set.id) {
                try index.remove(id: set.id)
                report.forgotten.append(set.name)
            }
            return report
        }
    }
}
