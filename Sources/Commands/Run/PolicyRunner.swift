import FoundationEssentials
import Glibc
import Hooks
import Lifecycle
import Policies
import SetModel
import Snapshots

/// Takes the sets of policies, and deletes those that their rules let go.
struct PolicyRunner {
    let service: any SnapshotService
    let library: HookLibrary
    let progress: any Progress
    let now: Date

    /// Takes one set that belongs to these schedules of a policy.
    func take(_ policy: Policy, _ schedules: [PolicySchedule]) async throws -> SnapshotSet {
        try await service.create(try request(policy, schedules), progress: progress)
    }

    /// - Parameter schedules: in the order of the policy: of hook documents the first one counts, DLM has one a policy.
    func request(_ policy: Policy, _ schedules: [PolicySchedule]) throws -> CreateRequest {
        var request = CreateRequest(targets: policy.targets.any)
        request.filter = TargetFilter(
            all: policy.targets.all, not: policy.targets.not, excludesRoot: policy.targets.excludesRoot,
            needsMountPoints: true)
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
        var name = [CChar](repeating: 0, count: 256)
        gethostname(&name, name.count - 1)
        let host = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let values = [
            "timestamp": Words.time(now), "host": host, "instance-id": host, "policy": policy.id,
            "schedule": schedule.id,
        ]
        return values.reduce(text) { $0.replacing("$(\($1.key))", with: $1.value) }
    }

    /// What is remembered, and what the newest sets tell: a run that died after it took its set did not remember it.
    func handled(
        _ handled: [String: HandledRuns], of policy: Policy, _ sets: [SnapshotSet]
    ) -> [String: HandledRuns] {
        var handled = handled
        for set in sets where set.policy == policy.id && set.createdAt <= now {
            for id in set.schedules {
                if let through = handled[id]?.through, through < set.createdAt {
                    handled[id]?.through = set.createdAt
                }
            }
        }
        return handled
    }

    /// What retention makes of all sets. One that is mounted stays: somebody works with it.
    ///
    /// - Parameter failures: of a policy, by its id: how many creations failed in a row.
    func plan(_ policies: [Policy], failures: [String: Int]) async throws -> RetentionPlan {
        let inventory = try await service.inventory()
        let rules = policies.map { $0.rules(failures: failures[$0.id] ?? 0) } + [.byHand]
        var sets = inventory.sets.map { RetainedSet($0, volumes: inventory.volumes) }
        let positions = Dictionary(sets.enumerated().map { ($1.id, $0) }) { first, _ in first }
        var seen: Swift.Set<String> = []
        while true {
            let plan = RetentionPlan(sets: sets, policies: rules, now: now)
            // What one that stays had made room for may have to go now: then that is looked at, too.
            var isMounted = false
            for decision in plan.decisions where decision.action == .delete {
                guard seen.insert(decision.set.id).inserted, let position = positions[decision.set.id],
                    let mount = try await service.mounts(of: inventory.sets[position]).first
                else { continue }
                sets[position].holds.append(SetHold(reason: "mounted on \(mount.path)"))
                isMounted = true
            }
            guard isMounted else { return plan }
        }
    }

    /// Deletes what a plan says, in its order.
    func prune(_ plan: RetentionPlan) async -> DeletionReport {
        var report = DeletionReport()
        for decision in plan.decisions where decision.action == .delete && !Task.isCancelled {
            // By id: a name may be another set's by now.
            await report.delete(decision.set.id, called: decision.set.name, service, progress)
        }
        return report
    }
}

extension RetainedSet {
    /// - Parameter volumes: UUIDs of all volumes of this host.
    init(_ set: SnapshotSet, volumes: Swift.Set<String>) {
        self.init(
            id: set.id, name: set.name, createdAt: set.createdAt, state: set.state, expiresAt: set.expiresAt,
            policy: set.policy,
            schedules: Swift.Set(set.schedules),
            volumesGone: !set.members.isEmpty && !set.members.contains { volumes.contains($0.originUUID) })
    }
}
