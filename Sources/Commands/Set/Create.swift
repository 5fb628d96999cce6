import ArgumentParser
import SetModel
import Snapshots

/// `stillpoint create TARGET...`
struct CreateCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Take a set: snapshots of all targets at one instant.")

    @Argument(help: .targets, completion: .file(), transform: NameArgument.word)
    var targets: [String]

    @Option(help: "The set's name. (default: its time and id)", transform: NameArgument.set)
    var name: String?

    @Option(
        name: .customLong("tag"), help: ArgumentHelp("A tag of the set; may be repeated.", valueName: "key=value"),
        transform: TagArgument.parse)
    var tags: [TagArgument] = []

    @Option(
        help: ArgumentHelp(
            "Take no set that promises less than this. (default: crash)", valueName: ConsistencyArgument.words),
        completion: .list(Consistency.allCases.map(\.rawValue)), transform: ConsistencyArgument.parse)
    var require: Consistency?

    @Option(
        help: ArgumentHelp("The longest time that anything may stand still. (default: 5s)", valueName: "duration"),
        transform: DurationArgument.maxWindow)
    var maxWindow: Duration?

    @Option(
        help: ArgumentHelp("Let the set expire after this time. (default: never)", valueName: "duration"),
        transform: DurationArgument.expiry)
    var expireAfter: Duration?

    @Option(
        help: ArgumentHelp("Refuse a pool that is fuller than this. (default: 95)", valueName: "percent"),
        transform: PercentArgument.parse)
    var poolLimit: Double?

    @OptionGroup(title: "Hooks") var hooks: HookOptions

    @Flag(help: "Check everything, print the set that would be taken, and change nothing.")
    var dryRun = false

    @OptionGroup var console: ConsoleOptions

    func validate() throws {
        _ = try TagArgument.dictionary(tags)
        try hooks.check()
    }

    func perform(_ invocation: Invocation) async throws -> Outcome {
        guard require != .application || hooks.hooks != nil else {
            throw SnapshotError(.refused, "--require application needs hooks: name a document with --hooks")
        }
        var request = CreateRequest(
            targets: targets, name: name, tags: try TagArgument.dictionary(tags), expireAfter: expireAfter,
            dryRun: dryRun)
        if let require { request.require = require }
        if let maxWindow { request.maxWindow = maxWindow }
        if let poolLimit { request.poolLimitPercent = poolLimit }
        request.hooks = try hooks.request(try invocation.hooks(), progress: invocation.progress)
        return Outcome(SetReport(try await invocation.service().create(request, progress: invocation.progress)))
    }
}
