public import SetModel

/// Makes the members of a set readable as one tree, and takes the tree away again.
///
/// Keeps no state of its own: what is mounted is what kernel and LVM say. The engine holds the run lock around
/// everything that changes something.
public protocol Mounter: Sendable {
    /// What is mounted of those sets of which something is. Changes nothing.
    func mounts(of sets: [SnapshotSet]) async throws -> [SnapshotSet.ID: [MountedMember]]
    /// Mounts a set, or fails and leaves nothing of it behind.
    func mount(
        _ set: SnapshotSet, _ request: MountRequest, _ survey: Survey, progress: any Progress
    ) async throws -> [MountedMember]
    /// Takes away everything that ``mount(_:_:_:progress:)`` made for a set, also half of it. Again is harmless.
    /// - Returns: the paths that were unmounted.
    func unmount(_ set: SnapshotSet, _ survey: Survey) async throws -> [String]
    /// Takes away what dead runs left: trees that were being made or taken away, and clones that nothing uses.
    /// - Returns: what was removed, and a sentence for each thing that could not be.
    func clearLeftovers(of sets: [SnapshotSet], _ survey: Survey) async -> (removed: [String], problems: [String])
}

/// For storage without file systems.
public struct NoMounter: Mounter {
    /// Mounts nothing.
    public init() {}

    /// Nothing.
    public func mounts(of sets: [SnapshotSet]) async throws -> [SnapshotSet.ID: [MountedMember]] { [:] }

    /// Refuses.
    public func mount(
        _ set: SnapshotSet, _ request: MountRequest, _ survey: Survey, progress: any Progress
    ) async throws -> [MountedMember] {
        throw SnapshotError(.refused, "sets of this storage cannot be mounted")
    }

    /// Nothing.
    public func unmount(_ set: SnapshotSet, _ survey: Survey) async throws -> [String] { [] }

    /// Nothing.
    public func clearLeftovers(
        of sets: [SnapshotSet], _ survey: Survey
    ) async -> (removed: [String], problems: [String]) { ([], []) }
}

extension Storage {
    /// None, unless the storage brings one.
    public var mounter: any Mounter { NoMounter() }
}
