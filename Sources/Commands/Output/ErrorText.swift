import SetModel

/// An error as people and programs read it.
struct ErrorText {
    private let error: SnapshotError

    init(_ error: SnapshotError) {
        self.error = error
    }

    /// One line, and below it the causes and what was not undone.
    var text: String {
        let lines =
            ["stillpoint: error: " + indented(error.message)]
            + error.causes.map { "  " + indented($0) }
            + error.undoFailures.map { "  not undone: " + indented($0) }
        return lines.joined(separator: "\n")
    }

    var json: JSON { .object(pairs) }

    var pairs: [(key: String, value: JSON)] {
        [
            ("code", .string(error.code.rawValue)),
            ("message", .string(error.message)),
            ("causes", .strings(error.causes)),
            ("undoFailures", .strings(error.undoFailures)),
            ("exitCode", .integer(Int64(ExitCode(error.code).rawValue))),
        ]
    }

    /// Further lines of a text are indented below its first.
    private func indented(_ text: String) -> String {
        text.split(separator: "\n").map { Text.printable(String($0)) }.joined(separator: "\n    ")
    }
}
