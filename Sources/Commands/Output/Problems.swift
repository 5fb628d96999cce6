import SetModel

extension SnapshotError {
    /// Several things that were found wrong, as one refusal; `nil`: nothing was.
    init?(problems: [String]) {
        guard let first = problems.first else { return nil }
        self.init(.refused, first, causes: Array(problems.dropFirst()))
    }
}

extension Outcome {
    /// Of a check of everything that was named.
    init(checked names: [String], problems: [String]) {
        if let error = SnapshotError(problems: problems) {
            self.init(failure: error)
        } else {
            self.init(PathsReport(done: "checked", paths: names))
        }
    }
}
