import ArgumentParser
import FoundationEssentials
import Lifecycle
import Policies

/// `stillpoint policy next [ID...]`
struct PolicyNextCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "next", abstract: "Show the coming runs of policies: all of them, or those named.")

    @Argument(help: "The policies' ids.")
    var policies: [String] = []

    @Option(help: "How many runs of each schedule.")
    var count: Int = 5

    @OptionGroup var console: ConsoleOptions

    func validate() throws {
        guard (1...1000).contains(count) else { throw ValidationError("--count has to lie between 1 and 1000.") }
    }

    func perform(_ invocation: Invocation) async throws -> Outcome {
        let now = invocation.now
        let runs = try PolicyLoading.entries(policies, in: try invocation.policies()).flatMap { entry in
            entry.policy.schedules.flatMap { schedule in
                schedule.schedule.runs(after: now).prefix(count).map { time in
                    PolicyRunsReport.Run(policy: entry.policy, schedule: schedule, time: time)
                }
            }
        }
        return Outcome(
            PolicyRunsReport(
                runs: runs.sorted { ($0.time, $0.policy.id, $0.schedule.id) < ($1.time, $1.policy.id, $1.schedule.id) })
        )
    }
}

/// Coming runs, the next one first.
struct PolicyRunsReport: Report {
    struct Run: Sendable {
        var policy: Policy
        var schedule: PolicySchedule
        /// Without jitter.
        var time: Date
    }

    let runs: [Run]

    var json: [(key: String, value: JSON)] {
        [
            (
                "runs",
                .array(
                    runs.map { run in
                        .object([
                            ("policy", .string(run.policy.id)), ("schedule", .string(run.schedule.id)),
                            ("time", .string(Words.time(run.time))),
                            ("state", .string(run.policy.state.rawValue)),
                        ])
                    })
            )
        ]
    }

    var table: [Line] {
        guard !runs.isEmpty else { return [] }
        let rows = runs.map { run in
            [
                Words.time(run.time), local(run), run.policy.id, run.schedule.id,
                run.policy.state == .enabled ? "" : run.policy.state.rawValue,
            ]
        }
        return [.table(Table(["TIME", "LOCAL", "POLICY", "SCHEDULE", ""].map { .init(title: $0) }, rows: rows))]
    }

    /// On the clocks of the schedule's zone.
    private func local(_ run: Run) -> String {
        let schedule = run.schedule.schedule
        return schedule.local(run.time) + " " + schedule.zone.name
    }

    var emptyHint: String { "No run is coming." }
}
