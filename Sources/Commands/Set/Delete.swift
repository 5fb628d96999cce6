import ArgumentParser
import FoundationEssentials
import SetModel
import Snapshots

/// `stillpoint delete SET...`
struct DeleteCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Delete sets with their snapshots.",
        discussion: "Every set is tried, also when another one failed.", aliases: ["rm"])

    @Argument(help: .set, transform: NameArgument.set)
    var sets: [String] = []

    @OptionGroup var selection: Selection
    @OptionGroup var console: ConsoleOptions

    func validate() throws { try selection.check(sets) }

    func perform(_ invocation: Invocation) async throws -> Outcome {
        let service = try invocation.service()
        var report = DeletionReport()
        var tried: Swift.Set<String> = []
        let chosen = try await selection.chosen(sets, service).filter { tried.insert($0.set).inserted }
        await report.delete(chosen, service, invocation.progress)
        return Outcome(report, error: report.error)
    }
}

/// What became of the sets that were to be deleted.
struct DeletionReport: Report {
    var deleted: [String] = []
    /// What can still be restored.
    var trashed: [String] = []
    var failures = SetFailures()

    /// Deletes sets.
    ///
    /// - Parameters:
    ///   - sets: the name or id of each, and what it is called here.
    ///   - rules: which rule lets it go, a sentence, by name or id; none where a person wants it.
    mutating func delete(
        _ sets: [(set: String, name: String)], because rules: [String: String] = [:], _ service: any SnapshotService,
        _ progress: any Progress
    ) async {
        guard !sets.isEmpty else { return }
        do {
            let results = try await service.delete(sets.map(\.set), because: rules, progress: progress)
            for (set, result) in zip(sets, results) {
                switch result {
                case .success: deleted.append(set.name)
                case .failure(let error): failures.add(set.name, error)
                }
            }
            for set in sets.dropFirst(results.count) { failures.add(set.name, CancellationError()) }
        } catch {
            for set in sets { failures.add(set.name, error) }
        }
    }

    /// Gives one set up, to be restored until then.
    mutating func trash(
        _ set: String, called name: String, until end: Date, because rule: String, _ service: any SnapshotService,
        _ progress: any Progress
    ) async {
        do {
            _ = try await service.change(set, .trash(until: end), because: rule, progress: progress)
            trashed.append(name)
        } catch {
            failures.add(name, error)
        }
    }

    mutating func add(_ other: DeletionReport) {
        deleted += other.deleted
        trashed += other.trashed
        failures.add(other.failures)
    }

    /// It did something.
    var didAnything: Bool { !deleted.isEmpty || !trashed.isEmpty }

    var json: [(key: String, value: JSON)] {
        [("deleted", .strings(deleted)), ("trashed", .strings(trashed)), ("failures", failures.json)]
    }

    var table: [Line] {
        deleted.map { .text("deleted \($0)") } + trashed.map { .text("moved to trash \($0)") }
    }

    var error: SnapshotError? { failures.error(beside: deleted.count + trashed.count, "deleted") }
}
