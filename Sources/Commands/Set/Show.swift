import ArgumentParser
import SetModel
import Snapshots

/// `stillpoint show SET`
struct ShowCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show a set, its members and where they are mounted.")

    @Argument(help: .set, transform: NameArgument.set)
    var set: String

    @OptionGroup var console: ConsoleOptions

    func perform(_ invocation: Invocation) async throws -> Outcome {
        let service = try invocation.service()
        let found = try await service.show(set)
        return Outcome(SetReport(found, mounts: try await service.mounts(of: [found])[found.id] ?? []))
    }
}
