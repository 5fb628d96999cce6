/// The one error that reaches a person: what happened, why, and what could not be undone.
public struct SnapshotError: Error, Sendable, CustomStringConvertible {
    /// What kind of failure it is; each kind has one exit code.
    public enum Code: String, Sendable, Codable, CaseIterable {
        /// Failed, and everything was undone.
        case failed
        /// Some sets or members failed.
        case partial
        /// Refused before anything was changed: admission, permission, hold, unsafe file.
        case refused
        /// Another run holds the lock.
        case busy
        /// A hook failed and the set was skipped.
        case hook
        /// No set was taken, everything of it was undone, and applications may not run as before.
        case applications
        /// Something is still frozen or suspended, or could not be undone: a person must look.
        case stillFrozen
        /// A word of the command line, or a file, is wrong.
        case usage
    }

    /// What stood longer than it may, and was released without its owner.
    public enum Failsafe: String, Sendable, Codable, CaseIterable {
        /// File systems or volumes: the guard released them.
        case freeze
        /// Applications: the supervisor ran `post` before the cut was over.
        case hooks
    }

    public var code: Code
    /// One sentence that names the file, line, value or device, and what to do about it.
    public var message: String
    /// The errors underneath, outermost first.
    public var causes: [String]
    /// What the undo could not do.
    public var undoFailures: [String]
    /// The set that was being taken: of `partial` as it is, otherwise with what its hooks did before it was given up.
    public var set: SnapshotSet?
    /// The failsafe that fired meanwhile; `nil` when none did, or nobody can tell: the first failure is told, and a guard
    /// of which both halves died tells nothing.
    public var failsafe: Failsafe?

    public init(_ code: Code, _ message: String, causes: [String] = [], undoFailures: [String] = []) {
        self.code = code
        self.message = message
        self.causes = causes
        self.undoFailures = undoFailures
    }

    public init(_ code: Code, _ message: String, cause: any Error) {
        self.init(code, message, causes: [String(describing: cause)])
    }

    public var description: String {
        var text = message
        for cause in causes { text += "; " + cause }
        for failure in undoFailures { text += "; not undone: " + failure }
        return text
    }
}
