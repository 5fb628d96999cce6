import FoundationEssentials
import Hooks
import SetModel
import Snapshots
import Synchronization

/// A service that keeps what it was asked and answers what it was told to.
final class RecordingService: SnapshotService {
    enum Call {
        case create(CreateRequest)
        case list
        case show(String)
        case mounts(String)
        case delete(String)
        case mount(MountRequest)
        case unmount(String)
        case volumes
        case freeze([String], Duration)
        case thaw
        case rehearse(String)
        case recover
        case change(String, SetChange)
        case reindex
        case resolve([TargetSelection])
    }

    struct Answers: Sendable {
        var sets: [SnapshotSet] = [.sample]
        var mounts: [MountedMember] = []
        var paths: [String] = []
        var volumes: [VolumeInfo] = []
        var standing = Standing()
        var freeze = FreezeReport(mountPoints: ["/srv"], thawsInSeconds: 30)
        var recovery = RecoveryReport()
        var steps: [String] = []
        /// Thrown by every verb.
        var error: SnapshotError?
        /// Thrown by `delete`, by set.
        var deletion: [String: SnapshotError] = [:]
    }

    private let answers: Answers
    private let recorded = Mutex<[Call]>([])

    init(_ answers: Answers = Answers()) {
        self.answers = answers
    }

    /// Everything that was asked, with every value of every request.
    var calls: String { recorded.withLock { String(describing: $0) } }

    private func record(_ call: Call) throws {
        recorded.withLock { $0.append(call) }
        if let error = answers.error { throw error }
    }

    func create(_ request: CreateRequest, progress: any Progress) async throws -> SnapshotSet {
        try record(.create(request))
        for step in answers.steps { progress.step(step) }
        return answers.sets[0]
    }

    func change(
        _ set: String, _ change: SetChange, expecting premise: DeletionPremise?, progress: any Progress
    ) async throws -> SnapshotSet {
        try record(.change(set, change))
        return answers.sets[0]
    }

    func reindex(progress: any Progress) async throws -> ReindexReport {
        try record(.reindex)
        return ReindexReport(sets: answers.sets.count)
    }

    func resolve(_ selections: [TargetSelection]) async throws -> [Result<[String], SnapshotError>] {
        try record(.resolve(selections))
        return selections.map { .success($0.targets) }
    }

    func list() async throws -> [SnapshotSet] {
        try record(.list)
        return answers.sets
    }

    func inventory() async throws -> Inventory {
        try record(.list)
        return Inventory(sets: answers.sets, poolOfVolume: [:])
    }

    func show(_ set: String) async throws -> SnapshotSet {
        try record(.show(set))
        return answers.sets[0]
    }

    func mounts(of sets: [SnapshotSet]) async throws -> [SnapshotSet.ID: [MountedMember]] {
        for set in sets { try record(.mounts(set.name)) }
        return Dictionary(uniqueKeysWithValues: sets.map { ($0.id, answers.mounts) })
    }

    func delete(
        _ sets: [String], expecting premises: [SnapshotSet.ID: DeletionPremise], progress: any Progress
    ) async throws -> [Result<SnapshotSet, SnapshotError>] {
        try sets.map { set in
            try record(.delete(set))
            if let error = answers.deletion[set] { return .failure(error) }
            return .success(answers.sets.first { $0.name == set || $0.id == set } ?? answers.sets[0])
        }
    }

    func mount(_ request: MountRequest, progress: any Progress) async throws -> [MountedMember] {
        try record(.mount(request))
        return answers.mounts
    }

    func unmount(_ set: String) async throws -> [String] {
        try record(.unmount(set))
        return answers.paths
    }

    func volumes() async throws -> [VolumeInfo] {
        try record(.volumes)
        return answers.volumes
    }

    func standing() async throws -> Standing { answers.standing }

    func freeze(_ targets: [String], for duration: Duration) async throws -> FreezeReport {
        try record(.freeze(targets, duration))
        return answers.freeze
    }

    func thaw() async throws -> [String] {
        try record(.thaw)
        return answers.paths
    }

    func rehearse(_ request: HookRequest) async throws -> [HookResult] {
        try record(.rehearse(request.document.name))
        return []
    }

    func recover(progress: any Progress) async throws -> RecoveryReport {
        try record(.recover)
        return answers.recovery
    }
}

extension SnapshotSet {
    /// Two members, one of them raw.
    static let sample = SnapshotSet(
        id: "1a2b3c4d5e6f708192a3b4c5d6e7f809", name: "nightly", state: .complete, consistency: .filesystem,
        consistencyReason: "every mounted file system was frozen",
        createdAt: Date(timeIntervalSince1970: 1_795_411_031), expiresAt: Date(timeIntervalSince1970: 1_796_015_831),
        tags: ["env": "prod", "app": "größe"], frozenWindowMs: 41.23456, memberCount: 2,
        members: [
            Member(
                index: 1, volume: "vg0/data", originUUID: "O-1", snapshot: "vg0/data_sp_20261123T051711Z_1a2b",
                snapshotUUID: "S-1", thinID: 7, sizeBytes: 10 << 30, filesystem: "ext4", mountPoint: "/srv",
                frozenMs: 12.5),
            Member(
                index: 2, volume: "vg0/log", originUUID: "O-2", snapshot: "vg0/log_sp_20261123T051711Z_1a2b",
                sizeBytes: 1_610_612_736),
        ])

    /// As LVM's tags and nothing else tell of it.
    static let bare = SnapshotSet(
        id: "ffffffffffffffffffffffffffffffff", name: "bare", state: .degraded,
        createdAt: Date(timeIntervalSince1970: 0), memberCount: 2, members: [])
}
