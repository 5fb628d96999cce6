import SetModel
import Snapshots

/// What became of sets of which something was said anew.
struct ChangedReport: Report {
    /// What was done, for people: `tagged`.
    let done: String
    private(set) var sets: [SnapshotSet] = []
    private(set) var failures = SetFailures()

    init(done: String) { self.done = done }

    /// Changes each set; one that cannot be changed keeps none of the others from it.
    ///
    /// - Parameter mayLetGo: rules may delete a set afterwards that they kept before: it is warned of.
    static func of(
        _ names: [String], done: String, _ invocation: Invocation, mayLetGo: Bool = false,
        _ change: (String) async throws -> SetChange
    ) async throws -> Outcome {
        let service = try invocation.service()
        var report = ChangedReport(done: done)
        var tried: Swift.Set<String> = []
        for name in names where tried.insert(name).inserted {
            do {
                report.sets.append(
                    try await service.change(name, try await change(name), progress: invocation.progress))
            } catch {
                report.failures.add(name, error)
            }
        }
        if mayLetGo { await LeavingWarning.tell(of: report.sets, invocation) }
        return Outcome(report, error: report.failures.error(beside: report.sets.count, done))
    }

    var json: [(key: String, value: JSON)] {
        [("sets", .array(sets.map(\.json))), ("failures", failures.json)]
    }

    var names: [String] { sets.map(\.name) }
    var table: [Line] { sets.map { .text("\(done) \($0.name)") } }
    var emptyHint: String { "No set was selected." }
}
