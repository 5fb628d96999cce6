import ArgumentParser
import Snapshots

/// `stillpoint reindex`
struct ReindexCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "reindex", abstract: "Rebuild the catalog from the tags of the snapshots.",
        discussion: """
            For a host that only got the disks, or whose catalog was lost. What hooks printed, and how long each file
            system stood still, is known to the catalog alone.
            """)

    @OptionGroup var console: ConsoleOptions

    func perform(_ invocation: Invocation) async throws -> Outcome {
        Outcome(ReindexedReport(report: try await invocation.service().reindex(progress: invocation.progress)))
    }
}

/// What was put right in the catalog.
struct ReindexedReport: Report {
    let report: ReindexReport

    var json: [(key: String, value: JSON)] {
        [
            ("sets", .integer(Int64(report.sets))), ("written", .strings(report.written)),
            ("forgotten", .strings(report.forgotten)),
        ]
    }

    var table: [Line] {
        report.written.map { .text("indexed \($0)") } + report.forgotten.map { .text("forgot \($0)") }
    }

    var emptyHint: String { "The catalog has all \(Words.count(report.sets, "set"))." }
}
