import ArgumentParser
import Snapshots

/// `stillpoint freeze TARGET... --for 30s`
struct FreezeCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "freeze", abstract: "Freeze file systems for a while.",
        discussion: "They thaw by themselves when the time is over, whatever happens to this command.")

    @Argument(help: .targets, completion: .file(), transform: NameArgument.word)
    var targets: [String]

    @Option(
        name: .customLong("for"), help: ArgumentHelp("How long, at most 1h.", valueName: "duration"),
        transform: DurationArgument.freeze)
    var duration: Duration

    @OptionGroup var console: ConsoleOptions

    func perform(_ invocation: Invocation) async throws -> Outcome {
        Outcome(FrozenReport(report: try await invocation.service().freeze(targets, for: duration)))
    }
}

/// What stands still now.
struct FrozenReport: Report {
    let report: FreezeReport

    var json: [(key: String, value: JSON)] {
        [
            ("frozen", .strings(report.mountPoints)),
            ("thawsInSeconds", .number(report.thawsInSeconds)),
        ]
    }

    var table: [Line] {
        report.mountPoints.map { .text("frozen \($0)") }
            + [.text("They thaw in \(JSON.number(report.thawsInSeconds).text) s, or by 'stillpoint thaw'.")]
    }
}
