public import SetModel

/// Everything a person can ask for. `Engine` does it with real storage; tests of the commands bring their own.
///
/// Every verb throws ``SnapshotError``.
public protocol SnapshotService: Sendable {
    /// Takes a set. With `dryRun` the set that would be taken, in state `staged` and without UUIDs.
    func create(_ request: CreateRequest, progress: any Progress) async throws -> SnapshotSet
    /// All sets, oldest first. Changes nothing.
    func list() async throws -> [SnapshotSet]
    /// All sets and all volumes at one moment.
    ///
    /// - Throws: ``SnapshotError/Code/refused`` when LVM could not read everything.
    func inventory() async throws -> Inventory
    /// One set by name or id.
    func show(_ set: String) async throws -> SnapshotSet
    /// The mounted members of those sets of which something is mounted.
    func mounts(of sets: [SnapshotSet]) async throws -> [SnapshotSet.ID: [MountedMember]]
    /// Deletes sets, each by name or id, unmounting what `mount` mounted. One that is held is refused, and keeps no other.
    ///
    /// - Parameter premises: by id; a set of which one is no longer so is refused, too.
    /// - Returns: for each name what its set was, or why it is not deleted; fewer when the task was cancelled.
    func delete(
        _ sets: [String], expecting premises: [SnapshotSet.ID: DeletionPremise], progress: any Progress
    ) async throws -> [Result<SnapshotSet, SnapshotError>]
    /// Says something anew of a set, in LVM's tags and in the catalog. Returns the set as it is then.
    ///
    /// - Parameter premise: when it is no longer so, the set stays as it is.
    func change(
        _ set: String, _ change: SetChange, expecting premise: DeletionPremise?, progress: any Progress
    ) async throws -> SnapshotSet
    /// Makes the catalog agree with LVM's tags: all sets that there are, and no other.
    func reindex(progress: any Progress) async throws -> ReindexReport
    func mount(_ request: MountRequest, progress: any Progress) async throws -> [MountedMember]
    /// Undoes `mount`, whatever of it is left. Returns the paths that were unmounted.
    func unmount(_ set: String) async throws -> [String]
    func volumes() async throws -> [VolumeInfo]
    /// The volumes, `VG/LV`, that each of these selections stands for at one moment.
    func resolve(_ selections: [TargetSelection]) async throws -> [Result<[String], SnapshotError>]
    /// What stands still now, and nobody is at work on it. Changes nothing, and asks neither LVM nor any disk.
    func standing() async throws -> Standing
    /// Freezes, leaves a guard behind that thaws after `duration`, and returns.
    func freeze(_ targets: [String], for duration: Duration) async throws -> FreezeReport
    /// Ends every manual freeze. Returns the mount points that were thawed.
    func thaw() async throws -> [String]
    /// Runs a hook document without taking a set. Returns what its steps did.
    func rehearse(_ request: HookRequest) async throws -> [HookResult]
    /// Finishes or undoes what a dead run left.
    func recover(progress: any Progress) async throws -> RecoveryReport
}

extension SnapshotService {
    /// Deletes sets by a person's word, whatever they are.
    public func delete(_ sets: [String], progress: any Progress) async throws -> [Result<SnapshotSet, SnapshotError>] {
        try await delete(sets, expecting: [:], progress: progress)
    }

    /// Says something anew of a set, whatever it is.
    public func change(_ set: String, _ change: SetChange, progress: any Progress) async throws -> SnapshotSet {
        try await self.change(set, change, expecting: nil, progress: progress)
    }
}
