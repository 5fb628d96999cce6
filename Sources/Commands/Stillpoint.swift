import ArgumentParser
import SetModel

/// The root command: the list of all others.
struct Stillpoint: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stillpoint",
        abstract: "Takes snapshots of several volumes at one instant.",
        discussion: """
            Exit codes: 0 done, 1 failed and undone, 3 done in part, 4 refused, 5 busy,
            6 a hook failed, 7 something is still frozen or suspended, 64 usage; of check: 0 OK, 1 WARNING,
            2 CRITICAL, 3 UNKNOWN.
            """,
        version: Version.current,
        groupedSubcommands: [
            CommandGroup(
                name: "Sets",
                subcommands: [
                    CreateCommand.self, ListCommand.self, ShowCommand.self, DeleteCommand.self, MountCommand.self,
                    UnmountCommand.self, TagCommand.self, HoldCommand.self, ReleaseCommand.self, AdoptCommand.self,
                    RestoreCommand.self,
                ]),
            CommandGroup(name: "Volumes", subcommands: [VolumesCommand.self]),
            CommandGroup(name: "Freezing", subcommands: [FreezeCommand.self, ThawCommand.self]),
            CommandGroup(name: "Hooks", subcommands: [HooksCommand.self]),
            CommandGroup(
                name: "Policies",
                subcommands: [PolicyCommand.self, RunCommand.self, PlanCommand.self, PruneCommand.self]),
            CommandGroup(name: "Watching", subcommands: [CheckCommand.self, MetricsCommand.self, EventsCommand.self]),
            CommandGroup(name: "System", subcommands: [RecoverCommand.self, ReindexCommand.self, CatalogCommand.self]),
        ])
}
