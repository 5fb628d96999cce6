/// What the worker is asked to do: one JSON document.
struct LVMJob: Codable, Sendable {
    /// Run in this order, each one a command and its words.
    var commands: [[String]]
    var stopAtFirstFailure: Bool
    /// Held, shared, from before the first command to the end of the process: whoever cleans up after a dead engine
    /// waits for it. `nil` for a job that only reads.
    var lock: String?
}

/// The worker's answer: one JSON document.
struct LVMJobReport: Codable, Sendable {
    /// One for each command that ran.
    var results: [LVMResult]
    /// Why the worker could not run the job, or the rest of it.
    var failure: String?
}

/// How one command ended.
public struct LVMResult: Sendable, Codable, Equatable {
    /// The command and its words.
    public var command: [String]
    /// What lvm2_run returned (lvm2cmd.h): 1 done, 2 no such command, 3 bad parameters, 5 failed.
    public var status: Int32
    /// All that it printed to its standard output.
    public var output: String
    /// All that it printed to its standard error.
    public var errors: String

    /// It did what it was asked to do.
    public var succeeded: Bool { status == 1 }

    /// The lines of ``errors``, trimmed, without empty ones.
    public var errorLines: [String] {
        errors.split(whereSeparator: \.isNewline).map { $0.drop(while: \.isWhitespace) }
            .filter { !$0.isEmpty }.map(String.init)
    }

    /// A result with these parts.
    public init(command: [String], status: Int32, output: String = "", errors: String = "") {
        self.command = command
        self.status = status
        self.output = output
        self.errors = errors
    }
}
