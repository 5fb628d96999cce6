import ArgumentParser
import FoundationEssentials
import SetModel
import Snapshots

/// `stillpoint list`
struct ListCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the sets, oldest first.", aliases: ["ls"])

    @Flag(help: "Only sets that nobody looks after: of policies, schedules or volumes that are gone.")
    var orphans = false

    @OptionGroup var selection: Selection
    @OptionGroup var console: ConsoleOptions

    func perform(_ invocation: Invocation) async throws -> Outcome {
        let sets = try selection.of(try await invocation.service().list())
        guard orphans else { return Outcome(SetsReport(sets: sets, now: invocation.now)) }
        let orphans = try await PrunePlan.orphans(invocation)
        return Outcome(SetsReport(sets: sets.filter { orphans.contains($0.id) }, now: invocation.now))
    }
}

/// Several sets, a line each.
struct SetsReport: Report {
    let sets: [SnapshotSet]
    let now: Date

    var json: [(key: String, value: JSON)] { [("sets", .array(sets.map(\.json)))] }

    var names: [String] { sets.map(\.name) }

    var emptyHint: String { "No sets yet: 'stillpoint create TARGET...' takes one." }

    var table: [Line] {
        guard !sets.isEmpty else { return [] }
        let columns: [Table.Column] = [
            .init(title: "NAME"), .init(title: "CREATED"), .init(title: "STATE"), .init(title: "CONSISTENCY"),
            .init(title: "MEMBERS", alignedRight: true), .init(title: "FROZEN", alignedRight: true),
            .init(title: "EXPIRES"),
        ]
        let rows = sets.map { set in
            [
                set.name, Words.time(set.createdAt), set.state.rawValue, set.consistency?.rawValue ?? Words.absent,
                set.membersPresent, Words.milliseconds(set.frozenWindowMs),
                set.fate(at: now),
            ]
        }
        return [.table(Table(columns, rows: rows))]
    }
}
