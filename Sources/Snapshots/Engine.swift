public import Catalog
public import FoundationEssentials
import LinuxSystem
public import SetModel
public import SystemPackage

/// Everything a person can ask for, on one host's storage.
///
/// Commands that change something hold the run lock and begin by finishing what a dead run left.
public struct Engine: SnapshotService {
    let storage: any Storage
    /// Opened late: a broken catalog must not keep anybody from thawing.
    let openStore: @Sendable (_ forWriting: Bool) throws -> any SetStore
    /// Where runs in progress are described; on tmpfs.
    let runDirectory: FilePath
    let now: @Sendable () -> Date

    public init(
        storage: any Storage, runDirectory: FilePath, now: @escaping @Sendable () -> Date = { Date() },
        openStore: @escaping @Sendable (_ forWriting: Bool) throws -> any SetStore
    ) {
        self.storage = storage
        self.openStore = openStore
        self.runDirectory = runDirectory
        self.now = now
    }

    // MARK: Reading

    public func list() async throws -> [SnapshotSet] {
        do {
            // The index is read while LVM looks at its devices.
            async let sets = storage.sets()
            let index = try openStore(false)
            var known = try index.all()
            let truth = try await sets.sets
            let present = Set(truth.map(\.id))
            // A set that was deleted in between has left the index before LVM.
            if !known.allSatisfy({ present.contains($0.id) }) { known = try index.all() }
            return Catalog.merge(truth: truth, index: known)
        } catch {
            throw error.asSnapshotError
        }
    }

    public func inventory() async throws -> Inventory {
        do {
            let survey = try await storage.survey()
            guard survey.isComplete else {
                throw SnapshotError.incomplete
            }
            let index = try openStore(false).all()
            return Inventory(
                sets: Catalog.merge(truth: survey.sets, index: index),
                poolOfVolume: Dictionary(survey.volumes.map { ($0.uuid, $0.pool) }) { first, _ in first },
                pools: survey.namedPools, ambiguous: Set(survey.ambiguous.keys),
                unknown: Set(survey.sets.filter { $0.state != .staged && $0.state != .deleting }.map(\.id))
                    .subtracting(index.map(\.id)))
        } catch {
            throw error.asSnapshotError
        }
    }

    public func show(_ set: String) async throws -> SnapshotSet { try find(set, in: try await list()) }

    /// By name or id.
    func find(_ set: String, in sets: [SnapshotSet]) throws -> SnapshotSet {
        let named = sets.filter { $0.name == set || $0.id == set }
        if let only = named.first, named.count == 1 { return only }
        guard named.isEmpty else {
            throw SnapshotError(.usage, "\(set) names several sets; use the id, `stillpoint list --output json` has it")
        }
        throw SnapshotError(.usage, "there is no set \(set); `stillpoint list` shows the sets")
    }

    public func volumes() async throws -> [VolumeInfo] {
        let survey: Survey
        do { survey = try await storage.survey() } catch { throw error.asSnapshotError }
        return survey.volumes.filter(\.isOriginal).map { volume in
            let pool = survey.pool(volume.pool)
            let systems = survey.fileSystems(on: volume)
            let sets = survey.sets.filter { set in set.members.contains { $0.originUUID == volume.uuid } }
            return VolumeInfo(
                volume: volume.name, pool: volume.pool, sizeBytes: volume.sizeBytes,
                filesystem: systems.first?.kind ?? volume.content, mountPoints: systems.flatMap(\.mountPoints),
                sets: sets.count, poolSizeBytes: pool?.sizeBytes,
                poolDataPercent: pool?.dataPercent, poolMetadataPercent: pool?.metadataPercent,
                poolProblem: pool?.problem)
        }
    }

    public func resolve(_ selections: [TargetSelection]) async throws -> [Result<[String], SnapshotError>] {
        let survey: Survey
        do { survey = try await storage.survey() } catch { throw error.asSnapshotError }
        let resolver = TargetResolver(survey: survey, storage: storage)
        var results: [Result<[String], SnapshotError>] = []
        for selection in selections {
            do {
                let volumes = try await resolver.volumes(
                    selection.targets, filter: selection.filter, orNone: true)
                results.append(.success(volumes.map(\.name)))
            } catch {
                results.append(.failure(error.asSnapshotError))
            }
        }
        return results
    }

    // MARK: Changing

    /// Runs `body` with the run lock held and nothing left over from dead runs.
    ///
    /// - Throws: ``SnapshotError/Code/busy`` when another run holds the lock.
    func withRunLock<T: Sendable>(
        _ progress: any Progress, besideManualFreeze: Bool = false, _ body: (Survey) async throws -> T
    ) async throws -> T {
        let lock = try RunLock(runDirectory)
        defer { lock.release() }
        do {
            let frozen = try await storage.manualFreezes()
            guard frozen.isEmpty || besideManualFreeze else {
                // LVM writes to /etc and /run, and waits for what is frozen.
                throw SnapshotError.frozenByHand(frozen)
            }
            let (survey, report, mayStand) = try await recoverHeld(progress)
            guard !mayStand else {
                throw SnapshotError(
                    .stillFrozen, "what an earlier run left could not be released; run `stillpoint recover`",
                    causes: report.failures)
            }
            progress.recovered(report)
            // A set that cannot be removed now is no reason to take no other.
            for problem in report.failures + report.problems + survey.problems { progress.warn(problem) }
            // What cannot be cleared of a mount is in its set's way, and in nobody else's.
            guard frozen.isEmpty else { return try await body(survey) }
            let cleared = await storage.mounter.clearLeftovers(of: survey.sets, survey)
            for problem in cleared.problems { progress.warn(problem) }
            return try await body(cleared.removed.isEmpty ? survey : try await storage.survey())
        } catch {
            throw error.asSnapshotError
        }
    }

    /// Undoes what a run did, after an error, and says what could not be undone.
    ///
    /// The guard goes first. While something may still stand, LVM is left alone: it would wait for what stands, or
    /// take part of it for a failure. `recover` does the rest then.
    func undoing(
        _ error: any Error, dismissing session: (any CutSession)? = nil,
        _ steps: (String, () async throws -> Void)...
    ) async -> SnapshotError {
        var result = error.asSnapshotError
        var mayStand = result.code == .stillFrozen
        func note(_ what: String, _ failure: any Error) {
            let failure = failure.asSnapshotError
            if failure.code == .stillFrozen { mayStand = true }
            result.undoFailures.append("\(what): \(failure)")
        }
        if let session {
            do { try await session.dismiss() } catch { note("the guard", error) }
            // Both halves of the guard may be dead: then its record tells what stands.
            if mayStand, let report = try? await storage.releaseLeftovers(), report.failures.isEmpty {
                mayStand = false
                result.undoFailures = []
                if result.code == .stillFrozen { result.code = .failed }
            }
        }
        for (what, step) in steps {
            guard !mayStand else {
                result.undoFailures.append("\(what): left until nothing stands still; run `stillpoint recover`")
                continue
            }
            do { try await step() } catch {
                note(what, error)
                // Each step relies on the one before.
                mayStand = true
            }
        }
        if !result.undoFailures.isEmpty { result.code = .stillFrozen }
        return result
    }
}

/// A progress for callers that show none.
public struct NoProgress: Progress {
    public init() {}
    public func step(_ text: String) {}
    public func warn(_ text: String) {}
}

extension Survey {
    /// One for each name: two volume groups may share theirs, and only one of them can be active.
    fileprivate var namedPools: [Pool] {
        let byName = Dictionary(pools.map { ($0.name, $0) }) { $0.percent == nil ? $1 : $0 }
        return byName.values.sorted { $0.name < $1.name }
    }
}

extension Error {
    /// Errors of lower layers have no better words than their own.
    var asSnapshotError: SnapshotError {
        if self is CancellationError { return SnapshotError(.failed, "the run was interrupted") }
        return self as? SnapshotError ?? SnapshotError(.failed, String(describing: self))
    }
}
