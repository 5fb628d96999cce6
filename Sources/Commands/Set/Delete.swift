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
        let known = selection.isGiven ? try selection.of(try await service.list()) : []
        let chosen = sets.map { ($0, $0) } + known.map { ($0.id, $0.name) }
        for (set, name) in chosen where tried.insert(set).inserted {
            await report.delete(set, called: name, service, invocation.progress)
        }
        return Outcome(report, error: report.error)
    }
}

/// What became of the sets that were to be deleted.
struct DeletionReport: Report {
    var deleted: [String] = []
    /// What can still be restored.
    var trashed: [String] = []
    var failures: [(set: String, error: SnapshotError)] = []

    /// Deletes one set.
    ///
    /// - Parameters:
    ///   - set: its name or id.
    ///   - name: what it is called here.
    mutating func delete(
        _ set: String, called name: String, _ service: any SnapshotService, _ progress: any Progress
    ) async {
        do {
            try await service.delete(set, progress: progress)
            deleted.append(name)
        } catch {
            failures.append((name, SnapshotError(wrapping: error)))
        }
    }

    /// Gives one set up, to be restored until then.
    mutating func trash(
        _ set: String, called name: String, until end: Date, _ service: any SnapshotService, _ progress: any Progress
    ) async {
        do {
            _ = try await service.change(set, .trash(until: end), progress: progress)
            trashed.append(name)
        } catch {
            failures.append((name, SnapshotError(wrapping: error)))
        }
    }

    mutating func add(_ other: DeletionReport) {
        deleted += other.deleted
        trashed += other.trashed
        failures += other.failures
    }

    /// It did something.
    var didAnything: Bool { !deleted.isEmpty || !trashed.isEmpty }

    var json: [(key: String, value: JSON)] {
        let failures = failures.map { JSON.object([("set", .string($0.set))] + ErrorText($0.error).pairs) }
        return [("deleted", .strings(deleted)), ("trashed", .strings(trashed)), ("failures", .array(failures))]
    }

    var table: [Line] {
        deleted.map { .text("deleted \($0)") } + trashed.map { .text("moved to trash \($0)") }
    }

    /// The one failure, or what several have in common.
    var error: SnapshotError? {
        guard let first = failures.first?.error else { return nil }
        if !didAnything && failures.count == 1 { return first }
        let summary = SnapshotError(
            code(first.code),
            "\(failures.count) of \(Words.count(failures.count + deleted.count + trashed.count, "set")) not deleted")
        return failures.reduce(into: summary) { summary, failure in
            summary.causes.append("\(failure.set): \(failure.error.message)")
            summary.causes += failure.error.causes
            summary.undoFailures += failure.error.undoFailures
        }
    }

    /// What stands still comes first: a person must look.
    private func code(_ first: SnapshotError.Code) -> SnapshotError.Code {
        if failures.contains(where: { $0.error.code == .stillFrozen }) { return .stillFrozen }
        return !didAnything && failures.allSatisfy { $0.error.code == first } ? first : .partial
    }
}
