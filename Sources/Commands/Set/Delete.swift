import ArgumentParser
import SetModel
import Snapshots

/// `stillpoint delete SET...`
struct DeleteCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Delete sets with their snapshots.",
        discussion: "Every set is tried, also when another one failed.", aliases: ["rm"])

    @Argument(help: .set, transform: NameArgument.set)
    var sets: [String]

    @OptionGroup var console: ConsoleOptions

    func perform(_ invocation: Invocation) async throws -> Outcome {
        let service = try invocation.service()
        var report = DeletionReport()
        var tried: Swift.Set<String> = []
        for set in sets where tried.insert(set).inserted {
            await report.delete(set, called: set, service, invocation.progress)
        }
        return Outcome(report, error: report.error)
    }
}

/// What became of the sets that were to be deleted.
struct DeletionReport: Report {
    var deleted: [String] = []
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

    var json: [(key: String, value: JSON)] {
        let failures = failures.map { JSON.object([("set", .string($0.set))] + ErrorText($0.error).pairs) }
        return [("deleted", .strings(deleted)), ("failures", .array(failures))]
    }

    var table: [Line] { deleted.map { .text("deleted \($0)") } }

    /// The one failure, or what several have in common.
    var error: SnapshotError? {
        guard let first = failures.first?.error else { return nil }
        if deleted.isEmpty && failures.count == 1 { return first }
        let summary = SnapshotError(
            code(first.code), "\(failures.count) of \(Words.count(failures.count + deleted.count, "set")) not deleted")
        return failures.reduce(into: summary) { summary, failure in
            summary.causes.append("\(failure.set): \(failure.error.message)")
            summary.causes += failure.error.causes
            summary.undoFailures += failure.error.undoFailures
        }
    }

    /// What stands still comes first: a person must look.
    private func code(_ first: SnapshotError.Code) -> SnapshotError.Code {
        if failures.contains(where: { $0.error.code == .stillFrozen }) { return .stillFrozen }
        return deleted.isEmpty && failures.allSatisfy { $0.error.code == first } ? first : .partial
    }
}
