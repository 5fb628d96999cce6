import LinuxSystem
public import SetModel

extension Engine {
    public func delete(_ name: String, progress: any Progress) async throws {
        try await withRunLock(progress) { survey in
            let index = try openStore(true)
            let set = try find(name, in: Catalog.merge(truth: survey.sets, index: try index.all()))
            if let existing = survey.sets.first(where: { $0.id == set.id }) {
                try await unmountHeld(existing, survey)
                progress.step("deleting set \(set.name)")
                try await storage.markDeleting(existing)
                StopPoint.reach("engine.deleting")
                try await storage.remove(existing.members, of: existing)
            }
            try index.remove(id: set.id)
        }
    }
}
