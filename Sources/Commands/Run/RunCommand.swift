import ArgumentParser
import Policies
import SetModel

/// `stillpoint run [POLICY [--schedule ID]]`
struct RunCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Do what is due now for all policies; with a policy, take a set of it now.",
        discussion: """
            What cron or a timer calls. Safe at any time and as often as you like: a run is done once. Sets that no
            rule wants any more are deleted afterwards.
            """)

    @Argument(help: "Take a set of this policy now, whatever is due.")
    var policy: String?

    @Option(help: "Only for this schedule of the policy.")
    var schedule: String?

    @OptionGroup var console: ConsoleOptions

    func validate() throws {
        if schedule != nil, policy == nil { throw ValidationError("--schedule goes with a policy.") }
    }

    func perform(_ invocation: Invocation) async throws -> Outcome {
        let folder = try invocation.policies()
        let (entries, problems) = try PolicyLoading.all(folder)
        let run = try PolicyRun(invocation, entries.map(\.policy), problems: problems)
        try await run.settle()
        let recorder = EventRecorder(try invocation.eventLog())
        // What an earlier call could not tell comes before what this one does.
        if await run.hasNews { await run.tell(recorder) }
        if let policy {
            let chosen = try PolicyLoading.entry(policy, of: entries, problems, in: folder).policy
            try await run.takeNow(chosen, schedule: schedule)
        } else {
            await run.takeDue()
        }
        // A policy that cannot be read may want what no other does.
        if problems.isEmpty { await run.prune(invocation) }
        // What still stands may be where these are written.
        if await !run.mayStand {
            await run.tell(recorder)
            await run.writeMetrics(invocation)
        }
        let told = await run.report
        return Outcome(told, error: told.error)
    }
}
