/// The log at one moment.
struct LogSnapshot {
    /// The oldest first.
    let files: [LogFile]

    /// Gives `body` each event after a number, in order, until it returns false.
    ///
    /// - Parameter body: a `DecodingError` of it says that the line is no event.
    /// - Returns: a sentence for each file with lines that are none.
    func lines(after sequence: UInt64, _ body: (LogLine) throws -> Bool) throws -> [String] {
        // What every call but a few finds.
        if let last = try files.last?.lastSequence(), last <= sequence { return [] }
        var problems: [String] = []
        var isOver = false
        let begin = try start(after: sequence)
        for file in files[begin...] where !isOver {
            var bad: [Int] = []
            try file.forEachLine { number, bytes in
                guard let line = LogLine(bytes) else {
                    bad.append(number)
                    return true
                }
                guard line.sequence > sequence else { return true }
                do { isOver = try !body(line) } catch is DecodingError { bad.append(number) }
                return !isOver
            }
            if let first = bad.first {
                problems.append(
                    "\(file.name): \(bad.count) line\(bad.count == 1 ? "" : "s") skipped that cannot be read as events,"
                        + " the first is line \(first)")
            }
        }
        return problems
    }

    /// The first file that can have such events.
    private func start(after sequence: UInt64) throws -> Int {
        var start = 0
        while start + 1 < files.count, let first = try files[start + 1].firstSequence(),
            first <= sequence || first - 1 == sequence
        {
            start += 1
        }
        return start
    }
}
