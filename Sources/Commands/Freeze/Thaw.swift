import ArgumentParser
import Snapshots

/// `stillpoint thaw`
struct ThawCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "thaw", abstract: "End every freeze that 'freeze' began.")

    @OptionGroup var console: ConsoleOptions

    func perform(_ invocation: Invocation) async throws -> Outcome {
        Outcome(PathsReport(done: "thawed", paths: try await invocation.service().thaw()))
    }
}
