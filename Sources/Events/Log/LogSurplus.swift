/// Which files of a log have to go, before a new one is begun.
struct LogSurplus {
    /// The oldest first.
    private(set) var numbers: [Int] = []
    /// What of it a sink has not got.
    private(set) var dropped: EventsDropped?

    /// - Parameter delivered: by sink, the last event that it has got.
    init(of files: LogFiles, limits: EventLog.Limits, delivered: [String: UInt64]) throws {
        let all = try files.numbers()
        var total = try all.reduce(0) { $0 + (try files.size($1)) }
        for number in all {
            let isTooMuch = total > limits.totalBytes
            // With the one that is begun.
            let isTooMany = all.count - numbers.count + 1 > limits.files
            guard isTooMuch || isTooMany else { return }
            let file = try files.open(number)
            let last = try file.lastSequence() ?? 0
            let waiting = delivered.filter { $0.value < last }
            if !waiting.isEmpty {
                guard isTooMuch else { return }
                let first = max(try file.firstSequence() ?? last, (waiting.values.min() ?? 0) + 1)
                dropped = EventsDropped(
                    sinks: Set(dropped?.sinks ?? []).union(waiting.keys).sorted(),
                    firstSequence: dropped?.firstSequence ?? first, lastSequence: last,
                    cause: "the log was larger than \(limits.totalBytes) bytes")
            }
            numbers.append(number)
            total -= file.size
        }
    }
}
