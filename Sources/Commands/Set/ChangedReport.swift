import SetModel
import Snapshots

/// What became of sets of which something was said anew.
struct ChangedReport: Report {
    /// What was done, for people: `tagged`.
    let done: String
    private(set) var sets: [SnapshotSet] = []
    private(set) var failures: [(set: String, error: SnapshotError)] = []

    init(done: String) { self.done = done }

    /// Changes each set; one that cannot be changed keeps none of the others from it.
    static func of(
        _ names: [String], done: String, _ invocation: Invocation, _ change: (String) async throws -> SetChange
    ) async throws -> Outcome {
        let service = try invocation.service()
        var report = ChangedReport(done: done)
        var tried: Swift.Set<String> = []
        for name in names where tried.insert(name).inserted {
            do {
                report.sets.append(
                    try await service.change(name, try await change(name), progress: invocation.progress))
            } catch {
                report.failures.append((name, SnapshotError(wrapping: error)))
            }
        }
        return Outcome(report, error: report.error)
    }

    var json: [(key: String, value: JSON)] {
        let failures = failures.map { JSON.object([("set", .string($0.set))] + ErrorText($0.error).pairs) }
        return [("sets", .array(sets.map(\.json))), ("failures", .array(failures))]
    }

    var names: [String] { sets.map(\.name) }
    var table: [Line] { sets.map { .text("\(done) \($0.name)") } }
    var emptyHint: String { "No set was selected." }

    private var error: SnapshotError? {
        guard let first = failures.first?.error else { return nil }
        if sets.isEmpty, failures.count == 1 { return first }
        let summary = SnapshotError(
            code(first.code), "\(failures.count) of \(Words.count(failures.count + sets.count, "set")) not \(done)")
        return failures.reduce(into: summary) { summary, failure in
            summary.causes.append("\(failure.set): \(failure.error.message)")
            summary.causes += failure.error.causes
            summary.undoFailures += failure.error.undoFailures
        }
    }

    /// What stands still comes first: a person must look.
    private func code(_ first: SnapshotError.Code) -> SnapshotError.Code {
        if failures.contains(where: { $0.error.code == .stillFrozen }) { return .stillFrozen }
        return sets.isEmpty && failures.allSatisfy { $0.error.code == first } ? first : .partial
    }
}
