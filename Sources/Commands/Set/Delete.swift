import ArgumentParser
import FoundationEssentials
import Lifecycle
import Policies
import SetModel
import Snapshots

/// `stillpoint delete SET...`
struct DeleteCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Delete sets with their snapshots.",
        discussion: """
            Every set is tried, also when another one failed. A set of a policy with a trash time goes to trash, where \
            `restore` takes it out; one that is there already is removed.
            """, aliases: ["rm"])

    @Argument(help: .set, transform: NameArgument.set)
    var sets: [String] = []

    @Flag(help: "Remove sets at once, also those of policies with a trash time.")
    var purge = false

    @OptionGroup var selection: Selection
    @OptionGroup var console: ConsoleOptions

    func validate() throws { try selection.check(sets) }

    func perform(_ invocation: Invocation) async throws -> Outcome {
        let service = try invocation.service()
        var report = DeletionReport()
        var tried: Swift.Set<String> = []
        var chosen = try await selection.chosen(sets, service).filter { tried.insert($0.set).inserted }
        if !purge {
            let ends = try await TrashEnds(invocation, service)
            for (set, name) in chosen {
                guard let end = ends.end(of: set) else { continue }
                await report.trash(
                    set, called: name, until: end, expecting: nil, service, invocation.progress)
            }
            chosen.removeAll { ends.end(of: $0.set) != nil }
        }
        await report.delete(chosen, service, invocation.progress)
        return Outcome(report, error: report.error)
    }
}

/// Until when the sets of policies with a trash time can be restored that are deleted now.
private struct TrashEnds {
    /// By id, and by name.
    private var ends: [String: Date] = [:]

    /// - Throws: ``SnapshotError/Code/refused`` when a policy cannot be read: nobody knows whether it has a trash time.
    init(_ invocation: Invocation, _ service: any SnapshotService) async throws {
        let (entries, problems) = try PolicyLoading.all(try invocation.policies())
        let policies = entries.map(\.policy)
        let ends = policies.compactMap { policy in
            policy.rules().purgeTime(deletedAt: invocation.now).map { (policy.id, $0) }
        }
        let byPolicy = Dictionary(ends) { first, _ in first }
        guard !byPolicy.isEmpty || !problems.isEmpty else { return }
        for set in try await service.list() where set.mayBeTrashed {
            guard let id = set.policy else { continue }
            if !problems.isEmpty, !policies.contains(where: { $0.id == id }) {
                throw SnapshotError(
                    .refused, "whether policy \(id) has a trash time cannot be known; `delete --purge` removes at once",
                    causes: problems)
            }
            for key in [set.id, set.name] { self.ends[key] = byPolicy[id] }
        }
    }

    func end(of set: String) -> Date? { ends[set] }
}

extension SnapshotSet {
    /// There is something to restore, and it is not in trash already.
    fileprivate var mayBeTrashed: Bool {
        purgeAt == nil && !members.isEmpty && (state == .complete || state == .degraded)
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
    ///   - premises: what has to be so still, by id.
    mutating func delete(
        _ sets: [(set: String, name: String)], expecting premises: [SnapshotSet.ID: DeletionPremise] = [:],
        _ service: any SnapshotService, _ progress: any Progress
    ) async {
        guard !sets.isEmpty else { return }
        do {
            let results = try await service.delete(sets.map(\.set), expecting: premises, progress: progress)
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
        _ set: String, called name: String, until end: Date, expecting premise: DeletionPremise?,
        _ service: any SnapshotService, _ progress: any Progress
    ) async {
        do {
            _ = try await service.change(set, .trash(until: end), expecting: premise, progress: progress)
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
