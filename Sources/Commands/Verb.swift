import ArgumentParser
import Catalog
import Events
import FoundationEssentials
import Hooks
import Lifecycle
import Policies
import SetModel
import Snapshots
import SystemPackage

/// A command that asks the service for something.
protocol Verb: ParsableCommand {
    var console: ConsoleOptions { get }

    func perform(_ invocation: Invocation) async throws -> Outcome
}

/// One run of a command: what it may use.
struct Invocation: Sendable {
    let progress: any Progress
    private let context: Context

    init(_ context: Context, progress: any Progress) {
        self.context = context
        self.progress = progress
    }

    /// Where things are, for root alone.
    // Inlined several times into a function that waits, it is more than the optimizer of Swift 6.3 can split.
    @inline(never)
    private func settings() throws -> Settings {
        guard context.isRoot else { throw SnapshotError(.refused, "stillpoint must be run as root; try sudo") }
        return try Settings(environment: context.environment)
    }

    /// The service.
    func service() throws -> any SnapshotService {
        try context.makeService(settings())
    }

    /// The hook documents of this host: /etc/stillpoint/hooks.d, then those that are installed.
    func hooks() throws -> HookLibrary {
        let own = try settings().configDirectory.appending("hooks.d")
        return HookLibrary([HookFolder(own)] + (context.installedHooks.map { [HookFolder($0)] } ?? []))
    }

    /// The policies of this host.
    func policies() throws -> PolicyFolder {
        PolicyFolder(try settings().configDirectory.appending("policies.d"))
    }

    /// What is remembered of the policies.
    func journal() throws -> PolicyJournal {
        let settings = try settings()
        return PolicyJournal(directory: settings.stateDirectory, aside: settings.runDirectory)
    }

    /// What is remembered of the clock.
    func clockJournal() throws -> ClockJournal {
        ClockJournal(directory: try settings().stateDirectory)
    }

    /// One writer of that at a time: `run` and `prune` may meet.
    func clockLock() throws -> RunLock { try RunLock(settings().runDirectory, name: "clock.lock") }

    /// What this host's clocks show; `nil`: nobody can tell.
    var clockReading: ClockReading? { context.readClocks(now) }

    /// What takes and deletes the sets of policies.
    ///
    /// - Parameter policies: all of this host, read once: a file that is written meanwhile must not seem to be gone.
    func runner(_ policies: [Policy]) throws -> PolicyRunner {
        PolicyRunner(
            service: try service(), library: try hooks(),
            policies: policies, configuration: try configuration(),
            progress: progress, now: now)
    }

    /// What stillpoint.yaml says.
    func configuration() throws -> HostConfiguration { try HostConfiguration.of(try settings()) }

    /// Moves the catalog into another kind of store, while no other command changes it.
    func convertCatalog(to kind: CatalogKind) throws -> CatalogConversion {
        let settings = try settings()
        let lock = try RunLock(settings.runDirectory)
        defer { lock.release() }
        return try CatalogConversion(to: kind, settings)
    }

    /// What happened on this host.
    func eventLog() throws -> EventLog { try settings().eventLog() }

    /// One `run` at a time: two would take the same set twice.
    func policyLock() throws -> RunLock {
        try RunLock(
            settings().runDirectory, name: "policies.lock",
            whenHeld: "another `stillpoint run` is at work; nothing is lost, it does what is due")
    }

    var now: Date { context.now() }

    /// Asks whoever called.
    var dialog: Dialog {
        Dialog(readLine: context.readLine, messages: context.messages, isAttended: context.isAttended)
    }

    /// The name of the host's time zone.
    var timeZone: String { context.timeZone() }

    /// `path` as it reads from the root directory.
    func absolute(_ path: String) -> String {
        context.workingDirectory.pushing(FilePath(path)).lexicallyNormalized().string
    }
}

/// What a command has to say: its result, its error, or both when it was done in part.
struct Outcome: Sendable {
    var report: (any Report)?
    var error: SnapshotError?
    /// What the process ends with when there is no error, for a command with exit codes of its own; `nil`: as all do.
    var status: Int32?

    init(_ report: any Report, error: SnapshotError? = nil, status: Int32? = nil) {
        self.report = report
        self.error = error
        self.status = status
    }

    init(failure error: SnapshotError) {
        self.error = error
    }

    var exitCode: ExitCode {
        error.map { ExitCode($0.code) } ?? status.map { ExitCode(rawValue: $0) } ?? .done
    }
}
