import SetModel

/// What the process tells its caller: the one table of exit codes. `check` alone has another one, that of monitoring
/// plugins: see ``CheckStatus``.
struct ExitCode: RawRepresentable, Hashable, Sendable, CaseIterable {
    let rawValue: Int32

    static let done = ExitCode(rawValue: 0)
    /// Failed, and everything was undone.
    static let failed = ExitCode(rawValue: 1)
    /// Done in part: some sets or members failed. Or no set was taken, and applications may not run as before.
    static let partial = ExitCode(rawValue: 3)
    /// Refused: admission, permission, hold, unsafe file.
    static let refused = ExitCode(rawValue: 4)
    /// Another run holds the lock.
    static let busy = ExitCode(rawValue: 5)
    /// A hook failed and the set was skipped.
    static let hook = ExitCode(rawValue: 6)
    /// Something is still frozen or suspended: a person must look.
    static let stillFrozen = ExitCode(rawValue: 7)
    /// The command line is wrong (EX_USAGE).
    static let usage = ExitCode(rawValue: 64)

    static let allCases: [ExitCode] = [done, failed, partial, refused, busy, hook, stillFrozen, usage]

    init(rawValue: Int32) { self.rawValue = rawValue }

    init(_ code: SnapshotError.Code) {
        self =
            switch code {
            case .failed: .failed
            case .partial, .applications: .partial
            case .refused: .refused
            case .busy: .busy
            case .hook: .hook
            case .stillFrozen: .stillFrozen
            case .usage: .usage
            }
    }
}
