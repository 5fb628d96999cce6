import Events
import Hooks
import Policies
import SetModel
import Snapshots

/// Does what another service does, and tells of it.
struct EventfulService: SnapshotService {
    let base: any SnapshotService
    /// Made late: a host whose settings are broken can still be thawed.
    let recorder: @Sendable () throws -> EventRecorder

    private func record(_ details: [EventDetail], _ progress: any Progress) {
        do { try recorder().record(details, progress) } catch { progress.warn("no event was written: \(error)") }
    }

    func create(_ request: CreateRequest, progress: any Progress) async throws -> SnapshotSet {
        do {
            let set = try await base.create(request, progress: progress)
            guard !request.dryRun else { return set }
            record(scripts(set, request) + [.setCreated(SetNotice(set, cause: set.consistencyReason))], progress)
            return set
        } catch {
            let problem = SnapshotError(wrapping: error)
            // What still stands may be where events are written.
            guard problem.code != .stillFrozen else { throw error }
            var details = problem.set.map { scripts($0, request) } ?? []
            // Otherwise the set was given up.
            let complete = problem.code == .partial ? problem.set : nil
            if let failsafe = problem.failsafe {
                details.append(
                    .failsafeFired(
                        FailsafeFired(
                            failsafe, cause: problem.description,
                            policyId: request.origin?.policy, setId: complete?.id, setName: complete?.name,
                            executionHandler: request.hooks?.document.name)))
            }
            if let set = complete {
                details.append(.setCreated(SetNotice(set, cause: problem.message)))
            }
            if !details.isEmpty { record(details, progress) }
            throw error
        }
    }

    /// How the stages of the hook document ended.
    private func scripts(_ set: SnapshotSet, _ request: CreateRequest) -> [EventDetail] {
        guard let name = request.hooks?.document.name else { return [] }
        return [HookStage.pre, .post].compactMap { stage in
            set.hooks.attempts(at: stage).last.map { attempt in
                .prePostScript(
                    PrePostScript(
                        set, stage: stage, result: attempt.failure == nil ? .success : .failed, executionHandler: name,
                        cause: attempt.failure?.sentence))
            }
        }
    }

    func delete(
        _ sets: [String], expecting premises: [SnapshotSet.ID: DeletionPremise], progress: any Progress
    ) async throws -> [Result<SnapshotSet, SnapshotError>] {
        let results = try await base.delete(sets, expecting: premises, progress: progress)
        let deleted = results.compactMap { try? $0.get() }
            .map { EventDetail.setDeleted(SetNotice($0, cause: premises[$0.id]?.rule)) }
        // What still stands may be where events are written.
        let mayStand = results.contains { result in
            if case .failure(let error) = result { error.code == .stillFrozen } else { false }
        }
        if !deleted.isEmpty, !mayStand { record(deleted, progress) }
        return results
    }

    func change(
        _ set: String, _ change: SetChange, expecting premise: DeletionPremise?, progress: any Progress
    ) async throws -> SnapshotSet {
        let changed = try await base.change(set, change, expecting: premise, progress: progress)
        if case .trash = change { record([.setTrashed(SetNotice(changed, cause: premise?.rule))], progress) }
        return changed
    }

    func list() async throws -> [SnapshotSet] { try await base.list() }
    func inventory() async throws -> Inventory { try await base.inventory() }
    func show(_ set: String) async throws -> SnapshotSet { try await base.show(set) }
    func mounts(of sets: [SnapshotSet]) async throws -> [SnapshotSet.ID: [MountedMember]] {
        try await base.mounts(of: sets)
    }
    func reindex(progress: any Progress) async throws -> ReindexReport { try await base.reindex(progress: progress) }
    func mount(_ request: MountRequest, progress: any Progress) async throws -> [MountedMember] {
        try await base.mount(request, progress: progress)
    }
    func unmount(_ set: String) async throws -> [String] { try await base.unmount(set) }
    func volumes() async throws -> [VolumeInfo] { try await base.volumes() }
    func resolve(_ selections: [TargetSelection]) async throws -> [Result<[String], SnapshotError>] {
        try await base.resolve(selections)
    }
    func standing() async throws -> Standing { try await base.standing() }
    func freeze(_ targets: [String], for duration: Duration) async throws -> FreezeReport {
        try await base.freeze(targets, for: duration)
    }
    func thaw() async throws -> [String] { try await base.thaw() }
    func rehearse(_ request: HookRequest) async throws -> [HookResult] { try await base.rehearse(request) }
    func recover(progress: any Progress) async throws -> RecoveryReport { try await base.recover(progress: progress) }
}
