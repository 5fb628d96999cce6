/// What a command prints when it is done: to people as text, to programs as JSON.
protocol Report: Sendable {
    /// The keys beside `schemaVersion`.
    var json: [(key: String, value: JSON)] { get }
    /// Lines for people. No lines: nothing is printed.
    var table: [Line] { get }
    /// What `--quiet` leaves of it.
    var names: [String] { get }
    /// Says on a terminal why there is no line.
    var emptyHint: String { get }
}

extension Report {
    var names: [String] { [] }
    var emptyHint: String { "" }
}

/// A part of what people read.
enum Line: Sendable {
    case text(String)
    case table(Table)
}
