public import SetModel

extension Engine {
    /// What of sets is mounted. Changes nothing.
    public func mounts(of sets: [SnapshotSet]) async throws -> [SnapshotSet.ID: [MountedMember]] {
        try await storage.mounter.mounts(of: sets)
    }

    /// Mounts a set as one tree, or leaves nothing of it behind.
    public func mount(_ request: MountRequest, progress: any Progress) async throws -> [MountedMember] {
        try await withRunLock(progress) { survey in
            let set = try find(request.set, in: survey.sets)
            try survey.demandUnambiguous(set)
            switch set.state {
            case .complete: break
            case .degraded:
                progress.step(
                    "set \(set.name) lost \(set.memberCount - set.members.count) of its \(set.memberCount) members")
            case .staged: throw SnapshotError(.refused, "set \(set.name) is staged: it holds no instant yet")
            case .deleting: throw SnapshotError(.refused, "set \(set.name) is being deleted")
            }
            return try await storage.mounter.mount(set, request, survey, progress: progress)
        }
    }

    /// Undoes ``mount(_:progress:)``, whatever of it is left. Returns the paths that were unmounted.
    public func unmount(_ name: String) async throws -> [String] {
        try await withRunLock(NoProgress()) { survey in
            try await storage.mounter.unmount(try find(name, in: survey.sets), survey)
        }
    }

    /// For a set that is to go: the run lock is held.
    func unmountHeld(_ set: SnapshotSet, _ survey: Survey) async throws {
        _ = try await storage.mounter.unmount(set, survey)
    }
}
