import Events
import SetModel
import Snapshots
import Synchronization

/// Keeps what a command had to put right before its own work, to be told when all is over; and passes on what it deletes,
/// to be told at once.
final class RecoveryWatch: Progress {
    let base: any Progress
    private let reports = Mutex<[RecoveryReport]>([])
    private let onDeletion: @Sendable ([SnapshotSet]) -> Void

    init(_ base: any Progress, onDeletion: @escaping @Sendable ([SnapshotSet]) -> Void = { _ in }) {
        self.base = base
        self.onDeletion = onDeletion
    }

    func step(_ text: String) { base.step(text) }
    func warn(_ text: String) { base.warn(text) }
    func recovered(_ report: RecoveryReport) { reports.withLock { $0.append(report) } }
    func deleted(_ sets: [SnapshotSet]) { onDeletion(sets) }

    var details: [EventDetail] { reports.withLock { $0 }.flatMap(\.details) }
}

extension RecoveryReport {
    /// What was released without its owner, and the sets whose deletion was finished: whoever began it told of neither.
    var details: [EventDetail] {
        let stood = thawed + resumed
        let releases: [(failsafe: FailsafeFired, names: [String])] = [
            (FailsafeFired(.freeze, cause: "left by a run that died: \(stood.joined(separator: ", "))"), stood),
            (FailsafeFired(.hooks, cause: "left by a run that died: \(released.joined(separator: ", "))"), released),
        ]
        return releases.filter { !$0.names.isEmpty }.map { EventDetail.failsafeFired($0.failsafe) }
            + deleted.map { EventDetail.setDeleted(SetNotice($0, cause: "begun by a run that died")) }
    }
}
