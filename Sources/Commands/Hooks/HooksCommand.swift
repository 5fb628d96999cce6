import ArgumentParser

/// `stillpoint hooks`
struct HooksCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hooks", abstract: "Look at hook documents, check them, and try them.",
        subcommands: [
            HooksListCommand.self, HooksShowCommand.self, HooksValidateCommand.self, HooksDryRunCommand.self,
            HooksRunCommand.self,
        ])
}
