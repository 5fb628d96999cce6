import FoundationEssentials
import Hooks
import Lifecycle
import LinuxSystem
import Policies
import SetModel
import Snapshots

/// Takes the sets of policies, and deletes those that their rules let go.
struct PolicyRunner {
    let service: any SnapshotService
    let library: HookLibrary
    /// All policies of this host: a default policy is for what none of the others is for.
    let policies: [Policy]
    let configuration: HostConfiguration
    let progress: any Progress
    let now: Date
    /// How far the clock is ahead, as it seems, in seconds.
    var clockAhead: TimeInterval = 0

    /// Takes one set that belongs to these schedules of a policy.
    ///
    /// - Returns: `nil` for a default policy to which the others leave nothing.
    func take(_ policy: Policy, _ schedules: [PolicySchedule]) async throws -> SnapshotSet? {
        var request = try request(policy, schedules)
        if policy.targets.isDefault {
            let coverage = try await Coverage.of(policies, service)
            if let own = coverage.problems.first(where: { $0.policy == policy.id }) { throw own.problem }
            for (other, problem) in coverage.problems {
                progress.warn(
                    "policy \(other) is for nothing now, so \(policy.id) is for its volumes: \(problem.message)")
            }
            request.targets = coverage.volumes(of: policy)
            guard !request.targets.isEmpty else { return nil }
            request.filter = TargetFilter()
        }
        return try await service.create(request, progress: progress)
    }

    /// How many volumes a policy is for now; 0 when that cannot be found out.
    func volumeCount(of policy: Policy) async -> Int {
        if policy.targets.isDefault {
            return (try? await Coverage.of(policies, service))?.volumes(of: policy).count ?? 0
        }
        let found = try? await service.resolve([TargetSelection(policy.targets)]).first?.get()
        return found?.count ?? 0
    }

    /// - Parameter schedules: in the order of the policy. Those that have scripts have the same.
    func request(_ policy: Policy, _ schedules: [PolicySchedule]) throws -> CreateRequest {
        let selection = TargetSelection(policy.targets)
        var request = CreateRequest(targets: selection.targets)
        request.filter = selection.filter
        request.origin = SetOrigin(
            policy: policy.id, schedules: schedules.map(\.id),
            expiresAt: policy.rules().expiry(createdAt: now, schedules: Set(schedules.map(\.id))),
            copiedTags: schedules.flatMap(\.tags.copied))
        for schedule in schedules {
            request.tags.merge(schedule.tags.added) { first, _ in first }
            let variables = schedule.tags.variable.mapValues { expanded($0, policy, schedule) }
            request.tags.merge(variables) { first, _ in first }
        }
        if let scripts = schedules.compactMap(\.scripts).first {
            let (document, values) = try HookUse.document(scripts, in: library)
            request.hooks = HookRequest(
                document: document, parameters: values, timeout: scripts.timeout, retries: scripts.retries,
                onFailure: scripts.onFailure == .skip ? .skip : .crashConsistent)
        }
        return request
    }

    /// `$(timestamp)`, `$(host)` (DLM: `$(instance-id)`), `$(policy)` and `$(schedule)`.
    private func expanded(_ text: String, _ policy: Policy, _ schedule: PolicySchedule) -> String {
        let host = HostName.current()
        let values = [
            "timestamp": Words.time(now), "host": host, "instance-id": host, "policy": policy.id,
            "schedule": schedule.id,
        ]
        return values.reduce(text) { $0.replacing("$(\($1.key))", with: $1.value) }
    }

    /// What is remembered, and what the newest sets tell: a run that died after it took its set did not remember it, nor
    /// does one that a person asks for.
    ///
    /// - Returns: also the runs that had been missed when those sets were taken: with them they have been dealt with.
    func handled(
        _ handled: [String: HandledRuns], of policy: Policy, _ sets: [SnapshotSet]
    ) -> (handled: [String: HandledRuns], missed: [DueRuns.Missed]) {
        var handled = handled
        var missed: [DueRuns.Missed] = []
        let own = sets.filter { $0.policy == policy.id && $0.createdAt <= now }
        for set in own.sorted(by: { $0.createdAt < $1.createdAt }) {
            let behind = set.schedules.filter { id in handled[id].map { $0.through < set.createdAt } ?? false }
            guard !behind.isEmpty else { continue }
            let due = DueRuns(policy: policy, handled: handled, now: set.createdAt)
            missed += due.missed.filter { behind.contains($0.schedule) }
            for id in behind { handled[id]?.through = set.createdAt }
        }
        return (handled, missed)
    }

    /// What retention makes of all sets. One that is mounted stays: somebody works with it.
    ///
    /// - Parameter memories: by the policy's id.
    func plan(_ memories: [String: PolicyMemory], _ inventory: Inventory) async throws -> RetentionPlan {
        var sets = inventory.sets.map { RetainedSet($0, inventory) }
        let rules = rules(for: sets, memories)
        let pools = inventory.pools.filter { $0.percent != nil }.map { pool in
            PoolUsage(
                name: pool.name, sizeBytes: 0, dataPercent: pool.dataPercent ?? 0,
                metadataPercent: pool.metadataPercent)
        }
        let positions = Dictionary(sets.enumerated().map { ($1.id, $0) }) { first, _ in first }
        var seen: Swift.Set<String> = []
        while true {
            let plan = RetentionPlan(sets: sets, policies: rules, pools: pools, now: now, clockAhead: clockAhead)
            // What one that stays had made room for may have to go now: then that is looked at, too.
            let doomed = plan.decisions.filter { $0.action == .delete || $0.action == .purge }.map(\.set.id)
                .filter { seen.insert($0).inserted }.compactMap { positions[$0] }
            guard !doomed.isEmpty else { return plan }
            let mounts = try await service.mounts(of: doomed.map { inventory.sets[$0] })
            guard !mounts.isEmpty else { return plan }
            for position in doomed {
                guard let mount = mounts[sets[position].id]?.first else { continue }
                sets[position].holds.append(SetHold(reason: "mounted on \(mount.path)"))
            }
        }
    }

    /// Of all policies, of those that are gone and have sets, and of sets made by hand.
    private func rules(for sets: [RetainedSet], _ memories: [String: PolicyMemory]) -> [RetentionPolicy] {
        let known = policies.map(\.id)
        let gone = Swift.Set(sets.compactMap(\.policy)).subtracting(known).sorted()
        return policies.map { policy in
            // Of one that takes nothing nothing ends what failed before.
            policy.rules(failures: policy.state == .enabled ? memories[policy.id]?.failures(of: policy) ?? 0 : 0)
        }
            + gone.map { id in
                let mayExpire = isLongGone(memories[id]?.goneSince)
                return .gone(
                    id, orphans: mayExpire ? configuration.orphans : .keep, orphanAge: configuration.orphanAge)
            } + [.byHand]
    }

    /// A file that is missing for a while deletes nothing: as long as orphans are kept, and for a day at least.
    private func isLongGone(_ since: Date?) -> Bool {
        guard let since, let age = configuration.orphanAge else { return false }
        return max(age.end(from: since, in: .gmt), since + 86_400) <= now - clockAhead
    }

    /// Does what a plan says.
    func prune(_ plan: RetentionPlan) async -> DeletionReport {
        var report = DeletionReport()
        // By id: a name may be another set's by now.
        let deleted = plan.decisions.filter { $0.action == .delete || $0.action == .purge }
        let premises = DeletionPremise.of(plan)
        await report.delete(deleted.map { ($0.set.id, $0.set.name) }, expecting: premises, service, progress)
        let trashed = plan.decisions.filter { $0.action == .trash }
        for (index, decision) in trashed.enumerated() where !Task.isCancelled {
            guard let end = decision.purgeAt else { continue }
            let set = decision.set
            progress.step("moving set \(set.name) (\(index + 1) of \(trashed.count)) to trash")
            await report.trash(
                set.id, called: set.name, until: end, expecting: premises[set.id], service, progress)
        }
        return report
    }
}

extension RetainedSet {
    init(_ set: SnapshotSet, _ inventory: Inventory) {
        let pools = inventory.poolOfVolume
        self.init(
            id: set.id, name: set.name, createdAt: set.createdAt, state: set.state, expiresAt: set.expiresAt,
            policy: set.policy,
            schedules: Swift.Set(set.schedules),
            holds: (set.hold.map { [$0] } ?? []) + (inventory.ambiguous.contains(set.id) ? [.ofTwins] : []),
            purgeAt: set.purgeAt,
            volumesGone: !set.members.isEmpty && !set.members.contains { pools[$0.originUUID] != nil },
            origins: set.members.map {
                RetainedOrigin(id: $0.originUUID, name: $0.volume, isGone: pools[$0.originUUID] == nil)
            },
            isUnknown: inventory.unknown.contains(set.id),
            // How much only this set uses, nobody has measured: the pool is looked at again after each.
            shares: Swift.Set(set.members.compactMap { $0.snapshotUUID.flatMap { pools[$0] } }).sorted()
                .map { PoolShare(pool: $0) })
    }
}

extension SetHold {
    /// Of a set whose members exist twice, as after vgimportclone(8): nobody can know which of the two is meant.
    fileprivate static let ofTwins = SetHold(reason: "two volume groups have it; see `lvs -a -o+lv_tags`")
}

extension TargetSelection {
    /// As a policy says. For a default policy, all volumes that are not excluded.
    init(_ targets: PolicyTargets) {
        self.init(
            targets: targets.any,
            filter: TargetFilter(
                all: targets.all, not: targets.not, excludesRoot: targets.excludesRoot, isOfPolicy: true))
    }
}
