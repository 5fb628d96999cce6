import Synchronization
import SystemPackage

@testable import Commands

/// Keeps what is written.
final class RecordingSink: TextSink {
    let columns: Int?
    private let failure: Errno?
    private let written = Mutex("")

    /// - Parameter columns: The width of the terminal that it is; `nil`: it is none.
    init(columns: Int? = nil, failure: Errno? = nil) {
        self.columns = columns
        self.failure = failure
    }

    var isTerminal: Bool { columns != nil }
    var text: String { written.withLock { $0 } }

    func write(_ text: String) throws(Errno) {
        if let failure { throw failure }
        written.withLock { $0 += text }
    }

    func offer(_ text: String) { written.withLock { $0 += text } }
}

/// What a command line did.
struct Run {
    let exitCode: ExitCode
    let output: String
    let messages: String
    let calls: String

    init(
        _ words: [String], _ service: RecordingService = RecordingService(), isRoot: Bool = true,
        output: RecordingSink = RecordingSink(), messages: RecordingSink = RecordingSink(),
        environment: [String: String] = [:]
    ) async {
        let context = Context(
            environment: environment, workingDirectory: "/home/someone", isRoot: isRoot, output: output,
            messages: messages, makeService: { _ in service })
        exitCode = await CommandLineTool.run(words, in: context)
        self.output = output.text
        self.messages = messages.text
        calls = service.calls
    }

    init(
        _ line: String, _ answers: RecordingService.Answers = .init(), isRoot: Bool = true,
        output: RecordingSink = RecordingSink(), messages: RecordingSink = RecordingSink(),
        environment: [String: String] = [:]
    ) async {
        await self.init(
            line.split(separator: " ").map(String.init), RecordingService(answers), isRoot: isRoot, output: output,
            messages: messages, environment: environment)
    }
}

/// How the calls that are expected print.
func printed(_ calls: RecordingService.Call...) -> String { String(describing: calls) }
