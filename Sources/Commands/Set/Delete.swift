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
            let trash = try await DeletionTrash(invocation, service)
            for (set, name) in chosen {
                do {
                    guard let end = try trash.end(of: set) else { continue }
                    await report.trash(
                        set, called: name, until: end, expecting: nil, service, invocation.progress)
                } catch {
                    report.failures.add(name, error)
                }
                chosen.removeAll { $0.set == set }
            }
        }
        await report.delete(chosen, service, invocation.progress)
        return Outcome(report, error: report.error)
    }
}

/// Which sets go to trash when a person deletes them now, and until when.
private struct DeletionTrash {
    /// By id, and by name: the policies of sets that can be restored.
    private var policies: [String: String] = [:]
    /// By policy.
    private var ends: [String: Date?] = [:]
    /// Of files that cannot be read.
    private let problems: [String]

    init(_ invocation: Invocation, _ service: any SnapshotService) async throws {
        let (entries, problems) = try PolicyLoading.all(try invocation.policies())
        self.problems = problems
        for policy in entries.map(\.policy) {
            ends[policy.id] = .some(policy.rules().purgeTime(deletedAt: invocation.now))
        }
        guard !problems.isEmpty || ends.values.contains(where: { $0 != nil }) else { return }
        let inventory = try? await service.inventory()
        let sets = if let inventory { inventory.sets } else { try await service.list() }
        // Nothing empties the trash of another host's sets.
        for set in sets where set.mayBeTrashed && inventory?.unknown.contains(set.id) != true {
            for key in [set.id, set.name] { policies[key] = set.policy }
        }
    }

    /// - Parameter set: by id or name.
    /// - Returns: `nil`: it is removed.
    /// - Throws: ``SnapshotError/Code/refused`` when its policy cannot be read: nobody knows whether it has a trash time.
    func end(of set: String) throws -> Date? {
        guard let id = policies[set] else { return nil }
        if let end = ends[id] { return end }
        guard problems.isEmpty else {
            throw SnapshotError(
                .refused, "whether policy \(id) has a trash time cannot be known; `delete --purge` removes at once",
                causes: problems)
        }
        return nil
    }
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
