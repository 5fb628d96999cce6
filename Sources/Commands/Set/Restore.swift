import ArgumentParser
import FoundationEssentials
import Lifecycle
import Policies
import SetModel
import Snapshots

/// `stillpoint restore SET...`
struct RestoreCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Take sets out of the trash.",
        discussion: "They are held as long as their policy keeps things in trash, or a week: its rules let them go.")

    @Argument(help: .set, transform: NameArgument.set)
    var sets: [String]

    @OptionGroup var console: ConsoleOptions

    func perform(_ invocation: Invocation) async throws -> Outcome {
        let policies = try PolicyLoading.all(try invocation.policies()).entries.map(\.policy)
        let service = try invocation.service()
        return try await ChangedReport.of(sets, done: "restored", invocation) { set in
            let owner = try await service.show(set).policy
            let rules = policies.first { $0.id == owner }?.rules() ?? .byHand
            return .restore(rules.holdAfterRestore(at: invocation.now))
        }
    }
}
