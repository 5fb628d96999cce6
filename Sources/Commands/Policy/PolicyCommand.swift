import ArgumentParser

/// `stillpoint policy`
struct PolicyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy", abstract: "Write policies, look at them, check them, and switch them on and off.",
        subcommands: [
            PolicyListCommand.self, PolicyShowCommand.self, PolicyValidateCommand.self, PolicyNextCommand.self,
            PolicyEnableCommand.self, PolicyDisableCommand.self, PolicyInitCommand.self, PolicyImportCommand.self,
        ])
}
