import SetModel
import SystemPackage

/// The funnel that everything printed goes through: results to the output, the rest to the messages.
struct Console {
    static let schemaVersion: Int64 = 1

    private let options: ConsoleOptions
    private let output: any TextSink
    private let messages: any TextSink

    init(_ options: ConsoleOptions, _ context: Context) {
        self.options = options
        output = context.output
        messages = context.messages
    }

    /// Prints `outcome`; `hint` follows an error that people read.
    func show(_ outcome: Outcome, hint: String = "") -> ExitCode {
        let result =
            switch options.output {
            case .table: table(outcome)
            case .json: json(outcome)
            }
        if let error = outcome.error { complain(ErrorText(error).text + hint) }
        let undelivered = deliver(result)
        return outcome.error == nil ? undelivered ?? outcome.exitCode : outcome.exitCode
    }

    func show(text: String) -> ExitCode {
        deliver(text.hasSuffix("\n") ? text : text + "\n") ?? .done
    }

    private func table(_ outcome: Outcome) -> String {
        guard let report = outcome.report else { return "" }
        if options.quiet { return joined(report.names.map(Text.printable)) }
        let lines = report.table.flatMap { line in
            switch line {
            case .text(let text): [Text.printable(text)]
            case .table(let table): table.lines(width: output.columns)
            }
        }
        if lines.isEmpty && output.isTerminal && !report.emptyHint.isEmpty { return report.emptyHint + "\n" }
        return joined(lines)
    }

    private func json(_ outcome: Outcome) -> String {
        var document: [(key: String, value: JSON)] = [("schemaVersion", .integer(Self.schemaVersion))]
        document += outcome.report?.json ?? []
        if let error = outcome.error { document.append(("error", ErrorText(error).json)) }
        return JSON.object(document).text + "\n"
    }

    private func joined(_ lines: [String]) -> String {
        lines.map { $0 + "\n" }.joined()
    }

    /// `nil` when it arrived. A reader that has read enough (`| head`) is no error.
    private func deliver(_ text: String) -> ExitCode? {
        guard !text.isEmpty else { return nil }
        do {
            try output.write(text)
            return nil
        } catch .brokenPipe {
            return nil
        } catch {
            let failure = SnapshotError(.partial, "the result could not be printed", cause: error)
            complain(ErrorText(failure).text)
            return ExitCode(failure.code)
        }
    }

    /// There is nowhere left to say that messages cannot be written.
    private func complain(_ text: String) {
        try? messages.write(text.hasSuffix("\n") ? text : text + "\n")
    }
}
