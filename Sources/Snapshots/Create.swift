import Catalog
import FoundationEssentials
import Hooks
import LinuxSystem
public import SetModel

extension Engine {
    public func create(_ request: CreateRequest, progress: any Progress) async throws -> SnapshotSet {
        guard request.require < .application || request.hooks != nil else {
            throw SnapshotError(.refused, "--require application needs hooks, and none are asked for")
        }
        if request.dryRun {
            do {
                let survey = try await storage.survey()
                return try await prepare(request, survey, try openStore(false), progress).set
            } catch {
                throw error.asSnapshotError
            }
        }
        // It starts while LVM looks at its devices.
        let started = storage.startGuard()
        return try await withRunLock(progress) { survey in
            // Not earlier: the catalog may lie on what an earlier run left frozen.
            let index = try openStore(true)
            let (set, cut, promise, reason) = try await prepare(request, survey, index, progress)
            var (result, applications) = try await take(set, cut, started, request, promise, progress)
            result.consistency = promise
            result.consistencyReason = reason
            if let applications { try await note(applications, on: &result, request) }
            result = try await commit(result, to: index, progress)
            if applications?.releaseFailed == true {
                var error = SnapshotError(
                    .partial, "set \(result.name) is complete, and its applications may not run as before",
                    causes: applications?.causes ?? [])
                error.set = result
                error.failsafe = applications?.failsafe
                throw error
            }
            applications?.warnLate(progress)
            return result
        }
    }

    /// Everything that can be found out, and refused, before anything is changed.
    private func prepare(
        _ request: CreateRequest, _ survey: Survey, _ index: any SetStore, _ progress: any Progress
    ) async throws -> (set: SnapshotSet, cut: CutPlan, promise: Consistency, reason: String) {
        progress.step("finding the volumes")
        let volumes = try await TargetResolver(survey: survey, storage: storage)
            .volumes(request.targets, filter: request.filter)
        guard survey.isComplete || request.origin == nil else {
            // A tag or a volume group could stand for more than is seen, and nobody looks at what a policy takes.
            throw SnapshotError.incomplete
        }
        try Admission(survey: survey, poolLimitPercent: request.poolLimitPercent).check(volumes)
        let known = Catalog.merge(truth: survey.sets, index: try index.all())
        let set = try plan(request, volumes, survey, known, progress)
        let cut = try CutPlan(set, volumes, survey)
        let (promise, reason) = Promise.of(volumes, survey, cut)
        // What hooks make of it is known later.
        let best = request.hooks?.promise(over: promise) ?? promise
        guard best >= request.require else {
            throw SnapshotError(
                .refused,
                "the set would be \(best.rawValue)-consistent, \(request.require.rawValue) is required: " + reason)
        }
        return (set, cut, promise, reason)
    }

    /// Names, times and members of a set that does not exist yet.
    private func plan(
        _ request: CreateRequest, _ volumes: [Volume], _ survey: Survey, _ known: [SnapshotSet],
        _ progress: any Progress
    ) throws -> SnapshotSet {
        let created = Date(timeIntervalSince1970: now().timeIntervalSince1970.rounded(.down))
        // The names of snapshots have four digits of it only, and a host may take several sets in a second.
        let drawn = (0..<16).lazy.map { _ in SetName.drawID() }
        let free = drawn.first { id in
            volumes.allSatisfy { survey.volume(SetName.snapshot(of: $0.name, id: id, at: created)) == nil }
        }
        guard let id = free else {
            throw SnapshotError(.busy, "too many sets were taken in this second; try again")
        }
        let name = request.name ?? SetName.automatic(id: id, at: created)
        guard SetName.isValid(name) else {
            throw SnapshotError(
                .usage, "\(name) cannot name a set: letters, digits and . _ - +, at most \(SetName.maximumLength) bytes"
            )
        }
        if known.contains(where: { $0.name == name || $0.id == name }) {
            throw SnapshotError(.usage, "there is a set \(name) already; choose another name")
        }
        let members = try volumes.enumerated().map { index, volume in
            let snapshot = SetName.snapshot(of: volume.name, id: id, at: created)
            try checkLength(of: snapshot, volume)
            let system = survey.fileSystems(on: volume).first
            return Member(
                index: index + 1, volume: volume.name, originUUID: volume.uuid, snapshot: snapshot,
                sizeBytes: volume.sizeBytes, filesystem: system?.kind ?? volume.content,
                mountPoint: system?.mountPoints.first)
        }
        var set = SnapshotSet(
            id: id, name: name, state: .staged, createdAt: created,
            expiresAt: request.origin?.expiresAt
                ?? request.expireAfter.map { created.addingTimeInterval(Double($0.components.seconds)) },
            policy: request.origin?.policy,
            tags: tags(request, volumes, progress), memberCount: members.count,
            members: members)
        set.schedules = request.origin?.schedules ?? []
        return set
    }

    /// Those that were asked for, and as many copied ones, in order of their names, as a set and LVM have room for: a
    /// volume with one tag too many is no reason to take nothing.
    private func tags(
        _ request: CreateRequest, _ volumes: [Volume], _ progress: any Progress
    ) -> [String: String] {
        var tags = request.tags
        var left: [String] = []
        for (key, value) in copiedTags(request, volumes).sorted(by: { $0.key < $1.key }) where tags[key] == nil {
            if tags.count < SetTag.most, SetTag.length(key, value) <= VolumeTag.maximumLength {
                tags[key] = value
            } else {
                left.append(key)
            }
        }
        if !left.isEmpty {
            progress.warn(
                "LVM tags of the volumes that the set does not get, since it has at most \(SetTag.most), of"
                    + " \(VolumeTag.maximumLength) bytes: \(left.joined(separator: ", "))")
        }
        return tags
    }

    /// `KEY=VALUE` of LVM's tags; one without a value has an empty one. The first volume decides.
    private func copiedTags(_ request: CreateRequest, _ volumes: [Volume]) -> [String: String] {
        var tags: [String: String] = [:]
        for tag in volumes.flatMap(\.tags) where !tag.hasPrefix("stillpoint.") {
            let parts = tag.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard let key = parts.first, request.origin?.copiedTags.contains(where: { Glob.matches(key, $0) }) == true
            else { continue }
            if tags[key] == nil { tags[key] = parts.count > 1 ? parts[1] : "" }
        }
        return tags
    }

    /// LVM's names, and device-mapper's names of them, in which every dash is doubled, have 127 bytes.
    private func checkLength(of snapshot: String, _ volume: Volume) throws {
        let parts = snapshot.split(separator: "/")
        let longest = parts.last.map { $0.utf8.count } ?? 0
        let mapped = snapshot.utf8.count + snapshot.utf8.count { $0 == UInt8(ascii: "-") }
        guard longest <= SetName.maximumVolumeLength, mapped <= SetName.maximumVolumeLength else {
            throw SnapshotError(
                .refused,
                "the name of \(volume.name) is too long: its snapshot would need \(max(longest, mapped)) bytes of"
                    + " \(SetName.maximumVolumeLength); rename the volume with `lvrename`")
        }
    }

    /// Stages the members, brings applications to rest, makes the cut and lets them go. On failure nothing is left.
    private func take(
        _ planned: SnapshotSet, _ plan: CutPlan, _ started: any StartedGuard, _ request: CreateRequest,
        _ promise: Consistency, _ progress: any Progress
    ) async throws -> (SnapshotSet, Applications?) {
        progress.step("arming the guard")
        let session = try await started.arm(plan)
        var set = planned
        do {
            StopPoint.reach("engine.armed")
            // LVM must never be asked to snapshot a frozen file system: it fails, or leaves it unmountable. Under its own
            // locks, since somebody else's `lvcreate -s` freezes, too.
            try await session.lock(max: .seconds(60))
            try await session.probe(max: request.maxWindow, foreignFreezeAllowed: false)
            try await session.unlock()
            try Task.checkCancellation()
            progress.step("staging \(set.members.count) snapshots")
            try await storage.stage(set)
            StopPoint.reach("engine.staged")
            try Task.checkCancellation()
            var applications = try await applications(of: set, plan, session, request)
            let times: CutTimes
            do {
                try await applications?.quiesce(isRequired: request.require > promise, progress)
                StopPoint.reach("engine.quiesced")
                (set, times) = try await cut(set, session, request)
                // What a document froze itself stands until its post: so long, and from before its pre, no LVM
                // command may come near it.
                if request.hooks?.document.mayFreeze != true { try await session.unlock() }
            } catch {
                // `post` would wait for what stands, and nobody may be left who releases it.
                if applications != nil, session.hasDied { _ = try? await storage.releaseStanding() }
                await applications?.release(nil)
                await applications?.end()
                throw failure(of: set, error, applications)
            }
            applications?.note(times, of: plan)
            await applications?.release(request.hooks?.promise(over: promise))
            await applications?.end()
            set.frozenWindowMs = times.windowMs
            for part in plan.parts {
                guard let member = set.members.firstIndex(where: { $0.originUUID == part.volume.uuid }) else {
                    continue
                }
                set.members[member].frozenMs = part.fileSystem.flatMap { times.fileSystemMs[$0] }
            }
            try await session.dismiss()
            return (set, applications)
        } catch {
            throw await undoing(error, makingOf: set, dismissing: session)
        }
    }

    /// The instant itself, under LVM's locks.
    private func cut(
        _ set: SnapshotSet, _ session: any CutSession, _ request: CreateRequest
    ) async throws -> (SnapshotSet, CutTimes) {
        try Task.checkCancellation()
        try await session.lock(max: .seconds(60))
        StopPoint.reach("engine.locked")
        let (staged, pools) = try await storage.confirmStaged(set)
        let times = try await session.cut(
            staged, max: request.maxWindow, foreignFreezeAllowed: request.hooks?.document.mayFreeze ?? false)
        StopPoint.reach("engine.cut")
        try await storage.verify(staged, pools)
        return (staged, times)
    }

    /// Starts what runs the request's hook document, if there is one. Nothing is brought to rest yet.
    private func applications(
        of set: SnapshotSet, _ plan: CutPlan, _ session: any CutSession, _ request: CreateRequest
    ) async throws -> Applications? {
        guard let hooks = request.hooks else { return nil }
        let left = hooks.document.mayFreeze ? try storage.freezable(plan) : nil
        let supervisor = try await storage.hooks(hooks.plan(for: set, plan, left))
        return Applications(hooks, supervisor) {
            guard left != nil else { return }
            try await session.lock(max: .seconds(60))
        } thaw: { [storage] postFailed in
            guard let left else { return [] }
            // Nothing stays frozen, whether the guard can keep LVM away meanwhile or not.
            let isLocked = (try? await session.lock(max: .seconds(10))) != nil
            let labels = storage.thaw(left, postFailed: postFailed, isLocked: isLocked)
            try? await session.unlock()
            return labels
        } probe: {
            // By the guard: with a deadline, and whoever dies.
            try await session.probe(max: request.maxWindow, foreignFreezeAllowed: true)
        }
    }

    /// Why no set was taken, with what its hooks did.
    private func failure(of set: SnapshotSet, _ error: any Error, _ applications: Applications?) -> SnapshotError {
        var failure = error.asSnapshotError
        guard let applications else { return failure }
        if let remedy = applications.remedy(for: failure) { failure.causes.append(remedy) }
        for cause in applications.failedReleases
        where !failure.causes.contains(cause) && !failure.message.hasSuffix(cause) { failure.causes.append(cause) }
        // Volumes are as before; applications may not be. That a hook failed says as much.
        if !applications.failedReleases.isEmpty, ![.hook, .stillFrozen].contains(failure.code) {
            failure.code = .applications
            failure.causes.append("applications may not run as before")
        }
        failure.failsafe = failure.failsafe ?? applications.failsafe
        failure.set = set
        failure.set?.hooks = applications.results
        return failure
    }

    /// What hooks make of a set.
    private func note(
        _ applications: Applications, on set: inout SnapshotSet, _ request: CreateRequest
    ) async throws {
        set.hooks = applications.results
        if let problem = applications.problem {
            guard request.require <= set.consistency ?? .crash else {
                var error = SnapshotError(
                    .hook, "no set was taken: " + problem, causes: applications.otherCauses)
                error.set = set
                error.failsafe = applications.failsafe
                throw await undoing(error, makingOf: set)
            }
            set.consistencyReason = problem
        } else if let hooks = request.hooks, hooks.promise(over: set.consistency ?? .crash) == .application {
            set.consistency = .application
            set.consistencyReason = "hook document \(hooks.document.name) succeeded"
        }
    }

    /// On failure nothing of the set is left.
    private func undoing(
        _ error: any Error, makingOf set: SnapshotSet, dismissing session: (any CutSession)? = nil
    ) async -> SnapshotError {
        await undoing(
            error, dismissing: session,
            ("what LVM left", { try await storage.settle(set) }),
            ("the staged snapshots", { try await removeWhatExists(of: set) }))
    }

    /// The commit point, then the index. From the commit on the set exists, whatever fails afterwards.
    private func commit(
        _ set: SnapshotSet, to index: any SetStore, _ progress: any Progress
    ) async throws -> SnapshotSet {
        // A set must not look like another host's because its run dies before the index has it, or because there is no
        // room in the index for all of it. Without this the set is made all the same.
        try? index.announce(set)
        var set = set
        set.state = .complete
        do {
            try await storage.complete(set)
        } catch {
            let failure = await undoing(error, makingOf: set)
            if failure.undoFailures.isEmpty { try? index.remove(id: set.id) }
            throw failure
        }
        StopPoint.reach("engine.committed")
        do { try index.saveWhatFits(set) } catch {
            var error = SnapshotError(
                .partial,
                "set \(set.name) is complete, and the catalog could not be written; `stillpoint list` shows"
                    + " the set all the same, and `stillpoint reindex` writes what is missing", cause: error)
            error.set = set
            throw error
        }
        return set
    }

    /// Removes the members of a set that LVM still has, by what LVM says now.
    func removeWhatExists(of set: SnapshotSet) async throws {
        let (sets, isComplete) = try await storage.sets()
        guard let truth = sets.first(where: { $0.id == set.id }) else {
            guard isComplete else { throw SnapshotError.unreadable(set.name) }
            return
        }
        // The commit that made it complete may have been done, although it was reported as failed: what is left of a
        // removal that stops half-way must not pass for a set that lost members.
        if truth.state != .staged { try await storage.markDeleting([truth]) }
        try await storage.remove([truth])
    }
}

extension SnapshotSet {
    /// As little of it as tells the index that the set is this host's: LVM's tags say the rest.
    fileprivate var announcement: SnapshotSet {
        SnapshotSet(id: id, name: name, state: state, createdAt: createdAt, memberCount: memberCount, members: [])
    }
}

extension SetStore {
    /// Announces a set that is not complete yet.
    func announce(_ set: SnapshotSet) throws(SnapshotError) { try save(set.announcement) }

    /// Saves as much of a set as there is room for: all of it; else, where nothing of it is remembered in full, its name and
    /// state.
    ///
    /// - Throws: what kept the whole of it from being saved.
    func saveWhatFits(_ set: SnapshotSet) throws(SnapshotError) {
        do { try save(set) } catch {
            let remembered = try? self.set(id: set.id)
            if remembered?.members.isEmpty != false { try? save(set.announcement) }
            throw error
        }
    }
}

/// What a set's instant will mean, known before it is taken.
enum Promise {
    static func of(_ volumes: [Volume], _ survey: Survey, _ plan: CutPlan) -> (Consistency, String) {
        let raw = volumes.filter(survey.isUsedRaw)
        guard raw.isEmpty else {
            return (.crash, "in use without a file system that could be frozen: \(list(raw.map(\.name)))")
        }
        let count = plan.fileSystems.count
        switch count {
        case 0:
            let isMounted = volumes.contains(where: \.isOpen)
            return (.filesystem, isMounted ? "nothing that is mounted can be written to" : "no volume was in use")
        case 1: return (.filesystem, "its file system was frozen")
        default: return (.filesystem, "all \(count) file systems were frozen")
        }
    }
}

extension CutPlan {
    /// Volumes that are not active cannot change: what was staged holds the right instant already.
    init(_ set: SnapshotSet, _ volumes: [Volume], _ survey: Survey) throws {
        let names = Set(volumes.map(\.name))
        let systems = survey.fileSystemsToFreeze(for: names)
        var parts: [Part] = []
        for volume in volumes where volume.device != nil {
            guard let pool = survey.pool(volume.pool)?.device else {
                throw SnapshotError(.refused, "pool \(volume.pool) is not active, and its volume \(volume.name) is")
            }
            parts.append(
                Part(
                    volume: volume, poolDevice: pool,
                    // One that is used past its file system as well must not run between the freeze and its own turn:
                    // it is suspended with those that have none.
                    fileSystem: survey.isUsedRaw(volume)
                        ? nil : systems.firstIndex { $0.volumes.contains(volume.name) }))
        }
        self.init(
            run: set.id, fileSystems: systems, parts: parts,
            inactive: volumes.filter { $0.device == nil }.map(\.deviceUUID),
            volumeGroups: Set(volumes.map(\.volumeGroup)).sorted(), locking: survey.locking)
        otherGroups = Set(survey.groups.keys).subtracting(volumeGroups).sorted()
    }
}
