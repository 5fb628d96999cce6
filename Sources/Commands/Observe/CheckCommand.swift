import ArgumentParser
import SetModel

/// `stillpoint check`
struct CheckCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Say in one line whether all is well, for Nagios and the like.",
        discussion: """
            Looks at the age of the newest complete set of every enabled policy, its last failure, how full the pools
            are, sets that nobody looks after, what runs that died left, what stands still, and sinks that take no
            events. Changes nothing.

            Exit codes, unlike those of other commands: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN, which a command line
            is that is wrong, too.
            """)

    @Option(
        help: ArgumentHelp(
            "CRITICAL when a policy's newest set is older. (default: late 1h and its jitter after a run was due)",
            valueName: "duration"),
        transform: DurationArgument.expiry)
    var maxAge: Duration?

    @Option(
        help: ArgumentHelp("WARNING when a pool is as full as that. (default: 80)", valueName: "percent"),
        transform: PercentArgument.parse)
    var poolWarning: Double?

    @Option(
        help: ArgumentHelp("CRITICAL when a pool is as full as that. (default: 90)", valueName: "percent"),
        transform: PercentArgument.parse)
    var poolCritical: Double?

    @OptionGroup var console: ConsoleOptions

    private var limits: HostCheck.Limits {
        var limits = HostCheck.Limits()
        if let maxAge { limits.age = maxAge / .seconds(1) }
        if let poolWarning { limits.poolWarning = poolWarning }
        if let poolCritical { limits.poolCritical = poolCritical }
        return limits
    }

    func validate() throws {
        guard limits.poolWarning <= limits.poolCritical else {
            throw ValidationError("--pool-warning lies above --pool-critical.")
        }
    }

    func perform(_ invocation: Invocation) async throws -> Outcome {
        let report: CheckReport
        do {
            report = HostCheck(try await HostState.read(invocation), limits).report
        } catch let error as SnapshotError where error.code == .stillFrozen {
            report = CheckReport(standing: error)
        } catch {
            // Whoever watches reads one line, and no other.
            report = CheckReport(unknown: SnapshotError(wrapping: error))
        }
        return Outcome(report, status: report.status.rawValue)
    }
}
