/// Why something with LVM failed: what was asked of it, and its own words.
public struct LVMError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of failure it is.
    public enum Code: String, Sendable, CaseIterable {
        /// The worker process could not be started, or died.
        case workerFailed
        /// LVM refused a command or failed at it.
        case commandFailed
        /// The job took longer than its time limit, and was ended.
        case timedOut
        /// A report of LVM, or of the worker, is not what it should be.
        case badReport
        /// A word, name or tag that LVM cannot hold; nothing was run.
        case unexpressible
        /// Tags of ours that cannot be read back.
        case damagedTags
    }

    /// The kind.
    public var code: Code
    /// One sentence that names the value at fault.
    public var message: String
    /// The words of the command that failed, if one did.
    public var command: [String]
    /// What LVM printed to its standard error, a line each.
    public var lines: [String]
    /// The error underneath.
    public var cause: String?
    /// The commands of the same job that ran, in order; the last one is the one that failed.
    public var results: [LVMResult]

    /// An error with these parts.
    public init(
        _ code: Code, _ message: String, command: [String] = [], lines: [String] = [], cause: String? = nil,
        results: [LVMResult] = []
    ) {
        self.code = code
        self.message = message
        self.command = command
        self.lines = lines
        self.cause = cause
        self.results = results
    }

    /// The sentence, LVM's own words, and the cause.
    public var description: String {
        var text = message
        if !lines.isEmpty { text += ": " + lines.joined(separator: "; ") }
        if let cause { text += " (" + cause + ")" }
        return text
    }
}
