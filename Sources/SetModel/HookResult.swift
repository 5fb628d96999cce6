public import FoundationEssentials

/// The parts of a hook document.
public enum HookStage: String, Sendable, Equatable, Codable, CaseIterable {
    case pre, hold, post
}

/// How one step of a hook document ended.
public struct HookResult: Sendable, Equatable, Codable {
    /// The kinds of ends.
    public enum Status: String, Sendable, Equatable, Codable {
        case succeeded
        /// It ended with another exit code than 0, by a signal, or could not be started.
        case failed
        case timedOut = "timed-out"
        /// The run was ended while it ran.
        case interrupted
    }

    public var stage: HookStage
    /// From 1.
    public var attempt: Int
    /// The step's id.
    public var name: String
    public var status: Status
    /// `nil` when it did not end by itself.
    public var exitCode: Int32?
    /// The signal that ended it.
    public var signal: Int32?
    public var durationMs: Double
    /// When it was started, and when it would have been ended. For events; the catalog does not keep them.
    public var startedAt: Date?
    public var timesOutAt: Date?
    /// What the exit code means, or why it could not be started.
    public var reason: String?
    /// The last 24,000 characters of its standard output.
    public var output: String
    /// The last 8,000 characters of its standard error.
    public var errors: String

    public init(
        stage: HookStage, attempt: Int, name: String, status: Status, exitCode: Int32? = nil, signal: Int32? = nil,
        durationMs: Double = 0, reason: String? = nil, output: String = "", errors: String = "",
        startedAt: Date? = nil, timesOutAt: Date? = nil
    ) {
        self.stage = stage
        self.attempt = attempt
        self.name = name
        self.status = status
        self.exitCode = exitCode
        self.signal = signal
        self.durationMs = durationMs
        self.reason = reason
        self.output = output
        self.errors = errors
        self.startedAt = startedAt
        self.timesOutAt = timesOutAt
    }

    /// `nil` when nobody knows when it began.
    public var endedAt: Date? { startedAt.map { $0.addingTimeInterval(durationMs / 1000) } }

    /// In one sentence, for people.
    public var sentence: String {
        let what: String
        switch status {
        case .succeeded: what = "succeeded"
        case .timedOut: what = "did not end in time"
        case .interrupted: what = "was ended with its run"
        case .failed:
            if let signal {
                what = "was ended by signal \(signal)"
            } else if let exitCode {
                what = "failed with exit code \(exitCode)"
            } else {
                what = "could not be run"
            }
        }
        return "\(stage.rawValue) step \(name) \(what)" + (reason.map { ": " + $0 } ?? "")
    }
}
