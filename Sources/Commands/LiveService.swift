import SetModel
import Snapshots

/// The engine with this host's storage: the one place where commands and engine meet.
@Sendable
func liveService(_ settings: Settings) throws -> any SnapshotService {
    throw SnapshotError(.failed, "this build has no snapshot engine")
}
