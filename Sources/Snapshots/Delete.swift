import Catalog
import LinuxSystem
import SetModel

extension Engine {
    public func delete(_ name: String, progress: any Progress) async throws {
        try await withRunLock(progress) { survey in
            let index = try openStore(true)
            let set = try find(name, in: Catalog.merge(truth: survey.sets, index: try index.all()))
            if let hold = set.hold, hold.lasts(at: now()) { throw set.held(hold) }
            guard let existing = survey.sets.first(where: { $0.id == set.id }) else {
                guard survey.isComplete else { throw SnapshotError.unreadable(set.name) }
                return try index.remove(id: set.id)
            }
            try await unmountHeld(existing, survey)
            progress.step("deleting set \(set.name)")
            do {
                try await storage.markDeleting(existing)
                StopPoint.reach("engine.deleting")
                // From here on the tags alone tell of the set: the index must not remember it when the last member is
                // gone, whoever removes that one.
                try index.remove(id: set.id)
                try await storage.remove(existing.members, of: existing)
            } catch {
                throw await deletionError(error, existing)
            }
        }
    }

    /// Says how far a deletion came that failed.
    private func deletionError(_ error: any Error, _ set: SnapshotSet) async -> SnapshotError {
        let left: SnapshotSet?
        do { left = try await storage.sets().sets.first { $0.id == set.id } } catch { left = set.with(.deleting) }
        guard let left else {
            return SnapshotError(.partial, "set \(set.name) is deleted, and not without an error", cause: error)
        }
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
