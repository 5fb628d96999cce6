import ArgumentParser
import Snapshots

/// `stillpoint unmount SET`
struct UnmountCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "unmount", abstract: "Undo 'mount'.", aliases: ["umount"])

    @Argument(help: .set, transform: NameArgument.set)
    var set: String

    @OptionGroup var console: ConsoleOptions

    func perform(_ invocation: Invocation) async throws -> Outcome {
        Outcome(PathsReport(done: "unmounted", paths: try await invocation.service().unmount(set)))
    }
}
