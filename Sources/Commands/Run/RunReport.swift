import Lifecycle
import SetModel

/// What a run did.
struct RunReport: Report {
    var taken: [(policy: String, schedules: [String], set: SnapshotSet)] = []
    var missed: [(policy: String, runs: DueRuns.Missed)] = []
    var failures: [(policy: String, error: SnapshotError)] = []
    var deletion = DeletionReport()
    /// Of files that cannot be read.
    var problems: [String] = []

    var json: [(key: String, value: JSON)] {
        [
            (
                "taken",
                .array(
                    taken.map { policy, schedules, set in
                        .object([
                            ("policy", .string(policy)), ("schedules", .strings(schedules)),
                            ("set", .string(set.name)), ("id", .string(set.id)),
                            ("consistency", .string(set.consistency?.rawValue)),
                        ])
                    })
            ),
            (
                "missed",
                .array(
                    missed.map { policy, runs in
                        .object([
                            ("policy", .string(policy)), ("schedule", .string(runs.schedule)),
                            ("count", .integer(Int64(runs.count))), ("first", .string(Words.time(runs.first))),
                            ("last", .string(Words.time(runs.last))),
                        ])
                    })
            ), ("deleted", .strings(deletion.deleted)),
            ("trashed", .strings(deletion.trashed)), ("problems", .strings(problems)),
        ]
    }

    var table: [Line] {
        taken.map { .text("\($0.policy): took \($0.set.name) for \($0.schedules.joined(separator: ", "))") }
            + missed.map { policy, runs in
                .text(
                    "\(policy): \(Words.count(runs.count, "run")) of \(runs.schedule) missed,"
                        + " \(Words.time(runs.first)) to \(Words.time(runs.last))")
            } + deletion.table
    }

    var emptyHint: String { "Nothing is due." }

    /// The one failure, or all of them.
    var error: SnapshotError? {
        let all =
            failures.map { ($0.policy, $0.error) } + (deletion.error.map { [("prune", $0)] } ?? [])
            + problems.map { ("policies", SnapshotError(.refused, $0)) }
        guard let (first, error) = all.first else { return nil }
        let codes = Swift.Set(all.map(\.1.code))
        let didAnything = !taken.isEmpty || deletion.didAnything || codes.contains(.partial)
        // Of different failures none is the code of all.
        var summary = SnapshotError(
            didAnything ? .partial : codes.count > 1 ? .failed : error.code, "\(first): \(error.message)")
        for worst in [SnapshotError.Code.stillFrozen, .applications] where codes.contains(worst) {
            summary.code = worst
            break
        }
        summary.causes = error.causes + all.dropFirst().flatMap { ["\($0.0): \($0.1.message)"] + $0.1.causes }
        summary.undoFailures = all.flatMap(\.1.undoFailures)
        return summary
    }
}
