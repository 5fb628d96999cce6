import ArgumentParser
import Events
import FoundationEssentials

/// `stillpoint events`
struct EventsCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "events", abstract: "Show what happened on this host, oldest first.")

    @Option(
        help: ArgumentHelp("Only what happened in this time. (default: all that is kept)", valueName: "duration"),
        transform: DurationArgument.expiry)
    var since: Duration?

    @Option(help: "Only the newest. (default: all)")
    var count: Int?

    @OptionGroup var console: ConsoleOptions

    func validate() throws {
        if let count, count < 1 { throw ValidationError("--count has to be 1 or more.") }
    }

    func perform(_ invocation: Invocation) async throws -> Outcome {
        let reading = try invocation.eventLog().events()
        var events = reading.events
        if let since {
            let begin = invocation.now.addingTimeInterval(-Double(since.components.seconds))
            events.removeAll { $0.time < begin }
        }
        if let count { events = Array(events.suffix(count)) }
        return Outcome(try EventsReport(events, problems: reading.problems))
    }
}

/// Events, a line each.
struct EventsReport: Report {
    private let events: [Event]
    /// As the log has them.
    private let documents: [JSON]
    /// Of files that cannot be read to their end.
    private let problems: [String]

    init(_ events: [Event], problems: [String]) throws {
        self.events = events
        documents = try events.map { try JSON(event: $0) }
        self.problems = problems
    }

    var json: [(key: String, value: JSON)] { [("events", .array(documents)), ("problems", .strings(problems))] }

    var names: [String] { events.map(\.id) }

    var emptyHint: String { "Nothing has happened yet." }

    var table: [Line] {
        let columns = ["TIME", "WHAT", "POLICY", "SET", "DETAIL"]
        let rows = events.map { event in
            [
                Words.time(event.time), event.detail.type.rawValue, event.detail.policyId ?? Words.absent,
                event.detail.setName ?? Words.absent, event.detail.sentence,
            ]
        }
        return (rows.isEmpty ? [] : [.table(Table(columns.map { .init(title: $0) }, rows: rows))])
            + problems.map { .text("unreadable: \($0)") }
    }
}
