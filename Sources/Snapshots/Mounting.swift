public import SetModel

extension Engine {
    public func mounts(of set: SnapshotSet) async throws -> [MountedMember] { [] }
    public func mount(_ request: MountRequest, progress: any Progress) async throws -> [MountedMember] { [] }
    public func unmount(_ set: String) async throws -> [String] { [] }
    func unmountHeld(_ set: SnapshotSet, _ survey: Survey) async throws {}
}
