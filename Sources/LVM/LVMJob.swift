/// What the worker is asked to do.
struct LVMJob: Sendable, Equatable {
    /// Run in this order, each one a command and its words.
    var commands: [[String]]
    var stopAtFirstFailure: Bool
    /// Held, shared, from before the first command to the end of the process: whoever cleans up after a dead engine
    /// waits for it. `nil` for a job that only reads.
    var lock: String?
}

extension LVMJob {
    var encoded: [UInt8] {
        WorkerTexts.encode(
            [stopAtFirstFailure ? "stop" : "go on", lock ?? ""] + commands.flatMap { ["\($0.count)"] + $0 })
    }

    /// `nil` for what no ``encoded`` made.
    init?(_ bytes: [UInt8]) {
        var texts = WorkerTexts(bytes)
        guard let manner = texts.next(), let lock = texts.next() else { return nil }
        self.init(commands: [], stopAtFirstFailure: manner == "stop", lock: lock.isEmpty ? nil : lock)
        while !texts.isEmpty {
            guard let words = texts.words() else { return nil }
            commands.append(words)
        }
    }
}

/// The worker's answer.
struct LVMJobReport: Sendable, Equatable {
    /// One for each command that ran.
    var results: [LVMResult]
    /// Why the worker could not run the job, or the rest of it.
    var failure: String?
}

extension LVMJobReport {
    var encoded: [UInt8] {
        var texts = [failure ?? ""]
        for result in results {
            texts += ["\(result.command.count)"] + result.command
            texts += ["\(result.status)", result.output, result.errors]
        }
        return WorkerTexts.encode(texts)
    }

    /// `nil` for what no ``encoded`` made.
    init?(_ bytes: [UInt8]) {
        var texts = WorkerTexts(bytes)
        guard let failure = texts.next() else { return nil }
        self.init(results: [], failure: failure.isEmpty ? nil : failure)
        while !texts.isEmpty {
            guard let command = texts.words(), let status = texts.number().flatMap(Int32.init(exactly:)),
                let output = texts.next(), let errors = texts.next()
            else { return nil }
            results.append(LVMResult(command: command, status: status, output: output, errors: errors))
        }
    }
}

/// How one command ended.
public struct LVMResult: Sendable, Equatable {
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

    /// Of how many volumes `lvchange` said that it changed them.
    var changedVolumes: Int {
        output.split(whereSeparator: \.isNewline).count {
            $0.drop(while: \.isWhitespace).hasPrefix("Logical volume ") && $0.hasSuffix(" changed.")
        }
    }

    /// A result with these parts.
    public init(command: [String], status: Int32, output: String = "", errors: String = "") {
        self.command = command
        self.status = status
        self.output = output
        self.errors = errors
    }
}
