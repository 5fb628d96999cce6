import SystemPackage

/// What the engine asks of an armed guard. One packet each on a `SOCK_SEQPACKET` socket.
public enum GuardRequest: Sendable, Equatable {
    /// Arm: the plan. Answered by `ok` when every descriptor is open and the watcher runs.
    case arm(GuardPlan)
    /// Freeze and thaw every file system once, to learn that each can be frozen and none is; or which ones somebody else
    /// keeps frozen, as the record tells afterwards.
    case probe(maxMs: UInt64, foreignFreezeAllowed: Bool)
    /// Take LVM's lock of each volume group.
    case lock(maxMs: UInt64)
    /// Give back the locks.
    case unlock
    /// Delete the staged thin ids, freeze everything, take every snapshot anew, thaw. One thin id per volume of the
    /// plan.
    case cut(maxMs: UInt64, foreignFreezeAllowed: Bool, snapshotThinIDs: [UInt32])
    /// Freeze everything and let it stand still for `maxMs`, or until `release`.
    case hold(maxMs: UInt64)
    /// Thaw what `hold` froze.
    case release
    /// The end: nothing more will be asked.
    case dismiss
}

/// What a guard answers.
public enum GuardReply: Sendable, Equatable {
    case ok
    /// The request failed and everything was released. The record tells more.
    case failed(GuardFailure)
    /// The deadline passed while one file system still flushes or one device still suspends; all others run again.
    /// A second reply follows when that one does, too.
    case stuck(GuardFailure)
}

/// Why a request failed.
public struct GuardFailure: Sendable, Equatable, Error, CustomStringConvertible {
    /// What was being done.
    public enum Step: UInt32, Sendable, CaseIterable {
        case plan = 1
        case open, record, watcher, memory, lock, freeze, foreignFreeze, suspend, delete, snapshot, resume, thaw
        case deadline, watcherDied, failsafe, lostFreeze, changed, lockLost
    }

    public var step: Step
    /// The mount point, device or volume group.
    public var subject: String
    /// errno, 0 when none applies.
    public var code: Int32

    public init(_ step: Step, _ subject: String, _ code: Int32 = 0) {
        self.step = step
        self.subject = subject
        self.code = code
    }

    public var description: String {
        let text =
            switch step {
            case .plan: "the guard did not understand its plan"
            case .open: "\(subject) could not be opened as planned; it may have been unmounted or mounted over"
            case .record: "the run record \(subject) could not be made"
            case .watcher: "the guard's watcher could not be started"
            case .memory: "the guard could not lock its memory"
            case .lock: "LVM's lock of volume group \(subject) could not be taken in time"
            case .freeze: "\(subject) could not be frozen"
            case .foreignFreeze: "\(subject) is already frozen by somebody else"
            case .suspend: "\(subject) could not be suspended"
            case .delete: "the staged snapshot of \(subject) could not be deleted"
            case .snapshot: "the snapshot of \(subject) could not be created"
            case .resume: "\(subject) could not be resumed"
            case .thaw: "\(subject) could not be thawed"
            case .deadline: "\(subject) did not come to rest within the longest frozen window"
            case .watcherDied: "the guard's watcher died"
            case .failsafe: "the failsafe released everything before the cut was done"
            case .lostFreeze: "\(subject) was thawed by somebody else during the cut"
            case .lockLost: "LVM's locks were given back, because the engine stood still for a minute"
            case .changed: "\(subject) was activated, mounted, opened or closed while the set was being taken"
            }
        return code == 0 ? text : text + ": " + Errno(rawValue: code).description
    }
}
