import Catalog
import LinuxSystem
public import SetModel

extension Engine {
    public func delete(
        _ names: [String], expecting premises: [SnapshotSet.ID: DeletionPremise], progress: any Progress
    ) async throws -> [Result<SnapshotSet, SnapshotError>] {
        try await withRunLock(progress) { survey in
            let index = try openStore(true)
            let known = Catalog.merge(truth: survey.sets, index: try index.all())
            var results: [Result<SnapshotSet, SnapshotError>] = []
            while results.count < names.count, !Task.isCancelled {
                let batch = names[results.count..<min(results.count + Self.deletedTogether, names.count)]
                let found = batch.map { name in Result { try deletable(name, known, premises) } }
                progress.step(
                    names.count == 1
                        ? "deleting set \((try? found[0].get().name) ?? names[0])"
                        : "deleting sets \(batch.startIndex + 1) to \(batch.endIndex) of \(names.count)")
                // One may be named twice, by name and id.
                let gone = Set(results.compactMap { try? $0.get().id })
                let sets = found.compactMap { try? $0.get() }.filter { !gone.contains($0.id) }
                let failures = await delete(sets, survey, index, progress)
                results += found.map { $0.flatMap { set in failures[set.id].map { .failure($0) } ?? .success(set) } }
                    .map { $0.mapError(\.asSnapshotError) }
                // What still stands may be where it would be written.
                guard !failures.values.contains(where: { $0.code == .stillFrozen }) else { continue }
                progress.deleted(sets.filter { failures[$0.id] == nil })
            }
            return results
        }
    }

    /// So many sets are deleted by one LVM command in each volume group: between them it can be interrupted, and tells
    /// how far it is.
    private static let deletedTogether = 32

    private func deletable(
        _ name: String, _ known: [SnapshotSet], _ premises: [SnapshotSet.ID: DeletionPremise]
    ) throws -> SnapshotSet {
        let set = try find(name, in: known)
        if let hold = set.hold, hold.lasts(at: now()) { throw set.held(hold) }
        try premises[set.id]?.require(of: set, among: known)
        return set
    }

    /// - Returns: what went wrong, by id.
    private func delete(
        _ sets: [SnapshotSet], _ survey: Survey, _ index: any SetStore, _ progress: any Progress
    ) async -> [SnapshotSet.ID: SnapshotError] {
        var failures: [SnapshotSet.ID: SnapshotError] = [:]
        var ready: [SnapshotSet] = []
        for set in sets where !ready.contains(where: { $0.id == set.id }) {
            do {
                if let existing = survey.sets.first(where: { $0.id == set.id }) {
                    try survey.demandUnambiguous(existing)
                    try survey.demandRemovable(existing)
                    try await unmountHeld(existing, survey)
                    ready.append(existing)
                } else {
                    guard survey.isComplete else { throw SnapshotError.unreadable(set.name) }
                    try index.remove(id: set.id)
                }
            } catch {
                failures[set.id] = error.asSnapshotError
            }
        }
        return failures.merging(await remove(ready, index, progress)) { first, _ in first }
    }

    /// Removes sets together; when that fails, each one that is still there by itself, so that one that resists keeps
    /// no other.
    private func remove(
        _ sets: [SnapshotSet], _ index: any SetStore, _ progress: any Progress
    ) async -> [SnapshotSet.ID: SnapshotError] {
        guard !sets.isEmpty else { return [:] }
        do {
            try await storage.markDeleting(sets)
            StopPoint.reach("engine.deleting")
            // From here on the tags alone tell of the sets: the index must not remember one when its last member is
            // gone, whoever removes that one.
            try index.remove(ids: sets.map(\.id))
            try await storage.remove(sets)
            return [:]
        } catch {
            let found = try? await storage.sets()
            // What LVM does not show is gone only when it could read everything.
            let left = sets.filter { set in
                found.map { !$0.isComplete || $0.sets.contains { $0.id == set.id } } ?? true
            }
            let gone = sets.filter { set in !left.contains { $0.id == set.id } }
            var failures = forget(gone, after: error, index, progress)
            if found != nil, sets.count > 1 {
                for set in left { failures.merge(await remove([set], index, progress)) { first, _ in first } }
            } else {
                for set in left {
                    failures[set.id] = deletionError(
                        error, set, left: found?.sets.first { $0.id == set.id } ?? set.with(.deleting))
                }
            }
            return failures
        }
    }

    /// Sets of which nothing is left are deleted, whatever went wrong on the way: LVM may have died while it reported.
    ///
    /// - Returns: what went wrong all the same, by id.
    private func forget(
        _ gone: [SnapshotSet], after cause: any Error, _ index: any SetStore, _ progress: any Progress
    ) -> [SnapshotSet.ID: SnapshotError] {
        guard !gone.isEmpty else { return [:] }
        let names = gone.map(\.name).joined(separator: ", ")
        do {
            // It may not have come to that: somebody else may have removed the members.
            try index.remove(ids: gone.map(\.id))
        } catch {
            let failure = SnapshotError(
                .partial, "nothing is left of \(names), and the catalog cannot forget it; delete it again",
                causes: [cause, error].map { String(describing: $0) })
            return Dictionary(gone.map { ($0.id, failure) }) { first, _ in first }
        }
        progress.warn("deleted, and not without an error: \(names): \(cause.asSnapshotError)")
        return [:]
    }

    /// Says how far a deletion came that failed.
    ///
    /// - Parameter left: what there is of the set now.
    private func deletionError(_ error: any Error, _ set: SnapshotSet, left: SnapshotSet) -> SnapshotError {
        if left.state == set.state, left.members == set.members { return error.asSnapshotError }
        // Without its first member there is nothing that could be marked.
        let remedy = left.state == .deleting ? "`stillpoint recover` goes on with it" : "delete it again"
        return SnapshotError(.partial, "set \(set.name) is not deleted as a whole; \(remedy)", cause: error)
    }
}

extension SnapshotError {
    /// Nothing is decided without a person while something is missing.
    static let incomplete = SnapshotError(.refused, "LVM could not read all of its devices; see `lvs`")

    /// Nothing can be said of a set that LVM does not show while it could not read everything.
    static func unreadable(_ name: String) -> SnapshotError {
        SnapshotError(
            .failed, "LVM cannot read all volume groups, so set \(name) may exist; `vgs` and `pvs` show what is wrong")
    }
}

extension SnapshotSet {
    fileprivate func with(_ state: SetState) -> SnapshotSet {
        var set = self
        set.state = state
        return set
    }
}
