import Events
import FoundationEssentials
import Lifecycle
import Policies
import SetModel
import Snapshots

/// What somebody who watches a host has to know of it, at one moment.
struct HostState: Sendable {
    var now: Date
    /// Those that can be read, by id.
    var policies: [Policy]
    /// What is wrong with files of policies.
    var problems: [String]
    /// By policy id.
    var memories: [String: PolicyMemory]
    /// Oldest first.
    var sets: [SnapshotSet]
    /// Ids of those that the catalog does not know.
    var unknown: Swift.Set<SnapshotSet.ID> = []
    /// By name.
    var pools: [Pool]
    /// How many sets nobody looks after; else why that cannot be known.
    var orphans: Result<Int, SnapshotError>
    /// Ids of default policies to which the others leave nothing.
    var idle: Swift.Set<String>
    /// How far the clock is ahead, as it seems, in seconds; 0: it is believed.
    var clockAhead: TimeInterval = 0

    /// Nothing is left standing, else there would be no state.
    var standing = Standing()
    /// How far sinks are behind; else why that cannot be known.
    var sinks: Result<[SinkBacklog], SnapshotError> = .success([])

    /// How long a set may be staged, or on its way out, before somebody has to look.
    static let leftoverAge: TimeInterval = 3600

    /// Changes nothing, and takes no lock of ours; it waits for LVM, ten seconds at most, where that has suspended a volume.
    ///
    /// - Throws: ``SnapshotError/Code/stillFrozen`` when something is left standing: LVM could wait for it, so it is not
    ///   asked for the rest.
    static func read(_ invocation: Invocation) async throws -> HostState {
        let (entries, problems) = try PolicyLoading.all(try invocation.policies())
        let policies = entries.map(\.policy)
        let service = try invocation.service()
        let standing = try await service.standing()
        guard standing.left.isEmpty else {
            throw SnapshotError(
                .stillFrozen,
                "\(standing.left.joined(separator: ", ")) may stand still, and nobody is at work on it:"
                    + " run `stillpoint recover`")
        }
        var state = HostState(
            now: invocation.now, policies: policies, problems: problems, memories: try invocation.journal().read(),
            sets: [], pools: [], orphans: .success(0), idle: try await withoutVolumes(policies, service),
            standing: standing, sinks: backlogs(invocation))
        // Why it cannot be known is told with the orphans.
        state.clockAhead = (try? invocation.clockAhead(remembering: false)) ?? 0
        do {
            let inventory = try await service.inventory()
            state.sets = inventory.sets
            state.unknown = inventory.unknown
            state.pools = inventory.pools
            state.orphans = await countOrphans(invocation, inventory)
        } catch {
            // LVM cannot read everything: what it can read is told all the same.
            state.sets = try await service.list()
            state.pools = measured(try await service.volumes())
            state.orphans = .failure(SnapshotError(wrapping: error))
        }
        return state
    }

    private static func backlogs(_ invocation: Invocation) -> Result<[SinkBacklog], SnapshotError> {
        do { return .success(try invocation.eventLog().backlogs()) } catch {
            return .failure(SnapshotError(wrapping: error))
        }
    }

    private static func measured(_ volumes: [VolumeInfo]) -> [Pool] {
        let pools = volumes.map {
            Pool(
                name: $0.pool, dataPercent: $0.poolDataPercent, metadataPercent: $0.poolMetadataPercent,
                problem: $0.poolProblem)
        }
        return Dictionary(pools.map { ($0.name, $0) }) { first, _ in first }.values.sorted { $0.name < $1.name }
    }

    /// As `list --orphans` shows them. A policy that cannot be read would make orphans of sets.
    private static func countOrphans(
        _ invocation: Invocation, _ inventory: Inventory
    ) async -> Result<Int, SnapshotError> {
        do {
            return .success(try await PrunePlan.orphans(invocation, inventory).count)
        } catch {
            return .failure(SnapshotError(wrapping: error))
        }
    }

    private static func withoutVolumes(
        _ policies: [Policy], _ service: any SnapshotService
    ) async throws -> Swift.Set<String> {
        let defaults = policies.filter { $0.state == .enabled && $0.targets.isDefault }
        guard !defaults.isEmpty else { return [] }
        let coverage = try await Coverage.of(policies, service)
        return Swift.Set(defaults.filter { coverage.volumes(of: $0).isEmpty }.map(\.id))
    }

    /// The newest set of a policy that is whole and not given up. One that is ahead of the clock would be of no age, and
    /// hide for as long that no other is made.
    func newest(of policy: String) -> SnapshotSet? {
        sets.filter {
            $0.policy == policy && $0.state == .complete && $0.purgeAt == nil && !$0.isAhead(of: now)
                && !unknown.contains($0.id)
        }
        .max { $0.createdAt < $1.createdAt }
    }

    /// What a run that died left, or `recover` could not end. While a command is at work it may be its own: a long list
    /// of deletions, or a set that waits for an application.
    var leftovers: [SnapshotSet] {
        guard !standing.isAtWork else { return [] }
        let limit = now.addingTimeInterval(-Self.leftoverAge)
        return sets.filter { ($0.state == .staged || $0.state == .deleting) && $0.createdAt < limit }
    }
}
