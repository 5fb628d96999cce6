import ArgumentParser
public import LVM
import SetModel

/// The `stillpoint` command.
public enum CommandLineTool {
    /// Runs the command line `arguments` (without the program's name) in this process.
    ///
    /// - Parameter worker: Runs LVM's commands.
    /// - Returns: The exit code.
    public static func run(_ arguments: [String], worker: WorkerProcess) async -> Int32 {
        await run(arguments, in: .live(worker)).rawValue
    }

    static func run(_ arguments: [String], in context: Context) async -> ExitCode {
        let command: any ParsableCommand
        do {
            command = try Stillpoint.parseAsRoot(arguments)
        } catch {
            return answer(error, to: arguments, in: context)
        }
        if let verb = command as? any Verb { return await run(verb, in: context) }
        // What is left is the parser's own: help, and a noun without a verb.
        do {
            var command = command
            try command.run()
            return .done
        } catch {
            return answer(error, to: arguments, in: context)
        }
    }

    private static func run(_ verb: some Verb, in context: Context) async -> ExitCode {
        let console = Console(verb.console, context)
        let progress = ProgressLine(verb.console, context.messages)
        // Used by one task, which this one waits for.
        nonisolated(unsafe) let verb = verb
        do {
            let outcome = try await Interruption.cancels {
                try await progress.whileShown {
                    try await verb.perform(Invocation(context, progress: progress))
                }
            }
            return console.show(outcome)
        } catch {
            return console.show(Outcome(failure: SnapshotError(wrapping: error)))
        }
    }

    /// Help and version, and what is wrong with the command line.
    private static func answer(_ error: any Error, to arguments: [String], in context: Context) -> ExitCode {
        let text = Stillpoint.fullMessage(for: error, columns: context.output.columns)
        if Stillpoint.exitCode(for: error).isSuccess {
            return Console(ConsoleOptions(), context).show(text: text)
        }
        let format = OutputFormat.asked(in: arguments)
        let message = Stillpoint.message(for: error)
        if arguments.first == CheckCommand.configuration.commandName {
            // Nagios takes any code above 3 for CRITICAL, and shows what is on standard output.
            let report = CheckReport(unknown: SnapshotError(.usage, message))
            return Console(ConsoleOptions(output: format), context)
                .show(Outcome(report, status: report.status.rawValue))
        }
        // Of what the parser says about the usage, its last line: where to read about it.
        let hint = text.split(separator: "\n").last { $0.hasPrefix("  See ") } ?? ""
        return Console(ConsoleOptions(output: format), context)
            .show(Outcome(failure: SnapshotError(.usage, message)), hint: "\n" + hint)
    }
}

extension SnapshotError {
    /// - Parameter code: of an error that is none of ours yet.
    init(wrapping error: any Error, otherwise code: Code = .failed) {
        self = error as? SnapshotError ?? SnapshotError(code, String(describing: error))
    }
}
