import SetModel

/// What the process tells its caller: the one table of exit codes.
enum ExitCode: Int32, CaseIterable {
    case done = 0
    /// Failed, and everything was undone.
    case failed = 1
    /// Done in part: some sets or members failed.
    case partial = 3
    /// Refused: admission, permission, hold, unsafe file.
    case refused = 4
    /// Another run holds the lock.
    case busy = 5
    /// A hook failed and the set was skipped.
    case hook = 6
    /// Something is still frozen or suspended: a person must look.
    case stillFrozen = 7
    /// The command line is wrong (EX_USAGE).
    case usage = 64

    init(_ code: SnapshotError.Code) {
        self =
            switch code {
            case .failed: .failed
            case .partial: .partial
            case .refused: .refused
            case .busy: .busy
            case .hook: .hook
            case .stillFrozen: .stillFrozen
            case .usage: .usage
            }
    }
}
