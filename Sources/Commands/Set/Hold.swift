import ArgumentParser
import FoundationEssentials
import SetModel

/// `stillpoint hold SET... --reason TEXT [--for 30d]`
struct HoldCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "hold", abstract: "Keep sets, whatever rules say, until they are released.",
        discussion: "Neither `run`, `prune` nor `delete` removes a set that is held.")

    @Argument(help: .set, transform: NameArgument.set)
    var sets: [String] = []

    @Option(help: "Why; whoever wants to delete the set reads it.")
    var reason: String

    @Option(
        name: .customLong("for"), help: "How long. (default: until it is released)", transform: DurationArgument.expiry)
    var length: Duration?

    @OptionGroup var selection: Selection
    @OptionGroup var console: ConsoleOptions

    func validate() throws {
        try selection.check(sets)
        guard !reason.isEmpty, reason.utf8.count <= 200, !Text.hasControlCharacter(reason) else {
            throw ValidationError("--reason has 1 to 200 bytes, and no control character.")
        }
    }

    func perform(_ invocation: Invocation) async throws -> Outcome {
        let now = Date(timeIntervalSince1970: invocation.now.timeIntervalSince1970.rounded(.down))
        let hold = SetHold(reason: reason, until: length.map { now.addingTimeInterval(Double($0.components.seconds)) })
        let names = try await selection.chosen(sets, try invocation.service()).map(\.set)
        return try await ChangedReport.of(names, done: "held", invocation) { _ in .hold(hold) }
    }
}

/// `stillpoint release SET... [--from-policy]`
struct ReleaseCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "release", abstract: "End the hold of sets, or take them out of their policy.")

    @Argument(help: .set, transform: NameArgument.set)
    var sets: [String] = []

    @Flag(help: "Instead: no policy looks after them any more, they go when they expire.")
    var fromPolicy = false

    @OptionGroup var selection: Selection
    @OptionGroup var console: ConsoleOptions

    func validate() throws { try selection.check(sets) }

    func perform(_ invocation: Invocation) async throws -> Outcome {
        let names = try await selection.chosen(sets, try invocation.service()).map(\.set)
        return try await ChangedReport.of(names, done: "released", invocation, mayLetGo: true) { _ in
            fromPolicy ? .disown : .unhold
        }
    }
}
