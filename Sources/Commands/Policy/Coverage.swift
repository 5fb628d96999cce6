import Lifecycle
import SetModel
import Snapshots

/// Which policies are for which volumes.
struct Coverage: Sendable {
    /// By volume, `VG/LV`: ids of enabled policies, sorted. Every volume of the host is in it.
    private(set) var policies: [String: [String]]
    /// What keeps a policy from its volumes now, by its id.
    private(set) var problems: [(policy: String, problem: SnapshotError)] = []

    /// As it is now. A default policy is for what no other one is for; of several, each.
    static func of(_ policies: [Policy], _ service: any SnapshotService) async throws -> Coverage {
        let enabled = policies.filter { $0.state == .enabled }
        let named = enabled.filter { !$0.targets.isDefault }
        let defaults = enabled.filter(\.targets.isDefault)
        let volumes = try await service.volumes().map(\.volume)
        var coverage = Coverage(volumes: volumes)
        coverage.problems = try await coverage.add(named.map { ($0.id, TargetSelection($0.targets)) }, service)
        let left = coverage.uncovered
        guard !left.isEmpty else { return coverage }
        coverage.problems += try await coverage.add(
            defaults.map { policy in
                var selection = TargetSelection(policy.targets)
                selection.targets = left
                return (policy.id, selection)
            }, service)
        return coverage
    }

    private init(volumes: [String]) { policies = Dictionary(volumes.map { ($0, []) }) { first, _ in first } }

    /// - Returns: what keeps policies from their volumes.
    private mutating func add(
        _ selections: [(policy: String, selection: TargetSelection)], _ service: any SnapshotService
    ) async throws -> [(policy: String, problem: SnapshotError)] {
        var problems: [(policy: String, problem: SnapshotError)] = []
        let results = try await service.resolve(selections.map(\.selection))
        for (policy, result) in zip(selections.map(\.policy), results) {
            switch result {
            case .success(let volumes): for volume in volumes { policies[volume, default: []].append(policy) }
            case .failure(let problem): problems.append((policy, problem))
            }
        }
        return problems
    }

    /// Those that no policy is for, sorted.
    var uncovered: [String] { policies.filter { $0.value.isEmpty }.keys.sorted() }

    /// Those that a policy is for, sorted.
    func volumes(of policy: Policy) -> [String] {
        policies.filter { $0.value.contains(policy.id) }.keys.sorted()
    }
}
