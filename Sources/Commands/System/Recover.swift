import ArgumentParser
import SetModel
import Snapshots

/// `stillpoint recover`
struct RecoverCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "recover", abstract: "Finish or undo what an interrupted run left behind.",
        discussion: "Every command that changes something does this first; by hand it is needed after a crash.")

    @OptionGroup var console: ConsoleOptions

    func perform(_ invocation: Invocation) async throws -> Outcome {
        let report = try await invocation.service().recover(progress: invocation.progress)
        guard report.failures.isEmpty else {
            let error = SnapshotError(
                .stillFrozen, "not everything could be recovered: a person must look", undoFailures: report.failures)
            return Outcome(RecoveredReport(report: report), error: error)
        }
        guard report.problems.isEmpty else {
            let error = SnapshotError(
                .partial, "applications may not run as before: a person must look", causes: report.problems)
            return Outcome(RecoveredReport(report: report), error: error)
        }
        return Outcome(RecoveredReport(report: report))
    }
}

/// What was recovered, and what was not.
struct RecoveredReport: Report {
    let report: RecoveryReport

    var json: [(key: String, value: JSON)] {
        [
            ("thawed", .strings(report.thawed)),
            ("resumed", .strings(report.resumed)),
            ("removed", .strings(report.removed)),
            ("released", .strings(report.released)),
            ("failures", .strings(report.failures)),
        ]
    }

    var table: [Line] {
        report.thawed.map { .text("thawed \($0)") } + report.resumed.map { .text("resumed \($0)") }
            + report.removed.map { .text("removed \($0)") }
            + report.released.map { .text("let go by hook document \($0)") }
    }

    var emptyHint: String { "Nothing was left to recover." }
}
