import Events
import FoundationEssentials
import Hooks
import Policies
import SetModel
import Snapshots
import Synchronization

/// Does what another service does, and tells of it.
struct EventfulService: SnapshotService {
    let base: any SnapshotService
    /// Made late: a host whose settings are broken can still be thawed.
    let recorder: @Sendable () throws -> EventRecorder

    private func record(_ details: [EventDetail], _ progress: any Progress) {
        do { try recorder().record(details, progress) } catch { progress.warn("no event was written: \(error)") }
    }

    /// Tells what a command recovered first, unless something stands still: that may be where events are written.
    private func tell(_ watch: RecoveryWatch, after error: (any Error)? = nil) {
        if let error, SnapshotError(wrapping: error).code == .stillFrozen { return }
        let details = watch.details
        if !details.isEmpty { record(details, watch.base) }
    }

    /// Does what may recover something first, and tells of that.
    private func watching<T: Sendable>(
        _ progress: any Progress, _ body: (RecoveryWatch) async throws -> T
    ) async throws -> T {
        let watch = RecoveryWatch(progress)
        do {
            let result = try await body(watch)
            tell(watch)
            return result
        } catch {
            tell(watch, after: error)
            throw error
        }
    }

    func create(_ request: CreateRequest, progress: any Progress) async throws -> SnapshotSet {
        do {
            let set = try await watching(progress) { try await base.create(request, progress: $0) }
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

    /// How each attempt at a stage of the hook document ended, in their order.
    private func scripts(_ set: SnapshotSet, _ request: CreateRequest) -> [EventDetail] {
        guard let name = request.hooks?.document.name else { return [] }
        let attempts = Swift.Set(set.hooks.map(\.attempt)).sorted()
        return attempts.flatMap { number -> [EventDetail] in
            let steps = set.hooks.filter { $0.attempt == number }
            return [HookStage.pre, .post].compactMap { stage -> EventDetail? in
                guard let attempt = steps.attempts(at: stage).first else { return nil }
                // What holds applications at rest ends with the cut.
                let timed = attempt.filter { $0.stage == stage }
                return .prePostScript(
                    PrePostScript(
                        set, stage: stage, result: attempt.failure == nil ? .success : .failed, executionHandler: name,
                        cause: attempt.failure?.sentence, attempt: number,
                        startTime: timed.compactMap(\.startedAt).min(), endTime: timed.compactMap(\.endedAt).max(),
                        timeoutTime: timed.last?.timesOutAt))
            }
        }
    }

    func delete(
        _ sets: [String], expecting premises: [SnapshotSet.ID: DeletionPremise], progress: any Progress
    ) async throws -> [Result<SnapshotSet, SnapshotError>] {
        let told = Mutex<Swift.Set<SnapshotSet.ID>>([])
        // Batch by batch: nothing is left of them that could tell of them later. Sinks have time until all is over.
        let note = { @Sendable (sets: [SnapshotSet]) in
            let news = sets.filter { set in told.withLock { $0.insert(set.id).inserted } }
            guard !news.isEmpty else { return }
            do {
                let details = news.map { EventDetail.setDeleted(SetNotice($0, cause: premises[$0.id]?.rule)) }
                try recorder().note(details, progress)
            } catch { progress.warn("no event was written: \(error)") }
        }
        let watch = RecoveryWatch(progress, onDeletion: note)
        let results: [Result<SnapshotSet, SnapshotError>]
        do { results = try await base.delete(sets, expecting: premises, progress: watch) } catch {
            tell(watch, after: error)
            throw error
        }
        // What still stands may be where events are written.
        let mayStand = results.contains { result in
            if case .failure(let error) = result { error.code == .stillFrozen } else { false }
        }
        guard !mayStand else { return results }
        note(results.compactMap { try? $0.get() })
        let recovered = watch.details
        if !recovered.isEmpty || !told.withLock(\.isEmpty) { record(recovered, progress) }
        return results
    }

    func change(
        _ set: String, _ change: SetChange, expecting premise: DeletionPremise?, progress: any Progress
    ) async throws -> SnapshotSet {
        let changed = try await watching(progress) {
            try await base.change(set, change, expecting: premise, progress: $0)
        }
        if case .trash = change { record([.setTrashed(SetNotice(changed, cause: premise?.rule))], progress) }
        return changed
    }

    func list() async throws -> [SnapshotSet] { try await base.list() }
    func inventory() async throws -> Inventory { try await base.inventory() }
    func show(_ set: String) async throws -> SnapshotSet { try await base.show(set) }
    func mounts(of sets: [SnapshotSet]) async throws -> [SnapshotSet.ID: [MountedMember]] {
        try await base.mounts(of: sets)
    }
    func reindex(progress: any Progress) async throws -> ReindexReport {
        try await watching(progress) { try await base.reindex(progress: $0) }
    }
    func mount(_ request: MountRequest, progress: any Progress) async throws -> [MountedMember] {
        try await watching(progress) { try await base.mount(request, progress: $0) }
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
    func recover(progress: any Progress) async throws -> RecoveryReport {
        let report = try await base.recover(progress: progress)
        let details = report.details
        // What stands still, by hand too, may be where events are written.
        if !details.isEmpty, let standing = try? await base.standing(), standing.left.isEmpty, standing.byHand.isEmpty {
            record(details, progress)
        }
        return report
    }
}
