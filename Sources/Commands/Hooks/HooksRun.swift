import ArgumentParser
import Hooks
import SetModel
import Snapshots

/// What the commands that run a document have in common.
struct HookRunOptions: ParsableArguments {
    @Argument(help: "The document's name.")
    var name: String

    @OptionGroup var use: HookUse

    func validate() throws { try use.check() }

    func document(_ invocation: Invocation) throws -> (HookDocument, values: [String: String]) {
        try use.document(name, in: try invocation.hooks())
    }
}

/// `stillpoint hooks run NAME [--stage pre|post]`
struct HooksRunCommand: Verb {
    enum Stage: String, ExpressibleByArgument, CaseIterable { case pre, post }

    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run a hook document without taking a set: pre, hold and post, or one stage.",
        discussion: """
            With --stage pre, applications stay at rest until --stage post is run, and nothing ends that by itself. What \
            a hold step keeps (the locks of mariadb and sqlite, the backup mode of postgresql) ends with its session: \
            a single stage leaves it out.
            """)

    @OptionGroup var options: HookRunOptions

    @Option(help: "Only this stage, and never hold.")
    var stage: Stage?

    @OptionGroup var console: ConsoleOptions

    func perform(_ invocation: Invocation) async throws -> Outcome {
        var (document, values) = try options.document(invocation)
        if let stage {
            document.hold = nil
            if stage == .pre { document.post = [] } else { document.pre = [] }
        }
        let results = try await invocation.service().rehearse(options.use.request(document, values))
        return Outcome(HookResultReport(results: results), error: HookResultReport.error(results, document.name))
    }
}

/// `stillpoint hooks dry-run NAME`
struct HooksDryRunCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "dry-run", abstract: "Check that everything a hook document needs is there, and run nothing.",
        discussion: "An SSM document is run with `dry-run` as its command, as Amazon DLM does.")

    @OptionGroup var options: HookRunOptions

    @OptionGroup var console: ConsoleOptions

    func perform(_ invocation: Invocation) async throws -> Outcome {
        let (document, values) = try options.document(invocation)
        if let rehearsal = document.dryRun {
            let results = try await invocation.service().rehearse(options.use.request(rehearsal, values))
            return Outcome(HookResultReport(results: results), error: HookResultReport.error(results, document.name))
        }
        let problems = document.missing(values)
        guard let first = problems.first else { return Outcome(PathsReport(done: "checked", paths: [document.name])) }
        return Outcome(
            failure: SnapshotError(.refused, "\(document.name): \(first)", causes: Array(problems.dropFirst())))
    }
}

/// What steps did.
struct HookResultReport: Report {
    let results: [HookResult]

    var json: [(key: String, value: JSON)] { [("hooks", .array(results.map(\.json)))] }
    var table: [Line] { results.isEmpty ? [] : [.table(HookTable.table(results))] }
    var emptyHint: String { "Nothing was run." }

    /// `nil` when every step succeeded.
    static func error(_ results: [HookResult], _ name: String) -> SnapshotError? {
        // That its run was interrupted is no failure of a step's.
        let failed = results.first { $0.status != .succeeded && $0.status != .interrupted }
        guard let step = failed ?? results.failure else { return nil }
        let sentence = "hook document \(name): \(step.sentence)"
        guard step.status != .interrupted else {
            return SnapshotError(.failed, "the run was interrupted", causes: [sentence])
        }
        return SnapshotError(.hook, sentence, causes: [step.lastWords].compactMap(\.self))
    }
}
