public import FoundationEssentials

/// How far a sink is behind.
public struct SinkBacklog: Sendable, Equatable {
    /// Its id.
    public var sink: String
    /// How many events it has not got; some fewer where numbers were left out.
    public var count: UInt64 = 0
    /// When the oldest of them happened; `nil`: it has got all.
    public var since: Date?
    /// Why it did not take that one; `nil`: nobody has tried.
    public var problem: String?
}

extension EventLog {
    /// Of each of its sinks. Delivers nothing.
    public func backlogs() throws -> [SinkBacklog] {
        guard !sinks.isEmpty else { return [] }
        let last = try lastSequence()
        return try explaining("read") { try sinks.map { try backlog(of: $0, last) } }
    }

    private func backlog(of sink: EventSink, _ last: UInt64) throws -> SinkBacklog {
        // One that has not begun begins at the end.
        guard let cursor = try CursorFile(of: sink.id, in: directory).read(), cursor.sequence < last else {
            return SinkBacklog(sink: sink.id)
        }
        var oldest: Date?
        _ = try snapshot().lines(after: cursor.sequence) { line in
            oldest = try Event(json: line.bytes).time
            return false
        }
        guard let oldest else { return SinkBacklog(sink: sink.id) }
        return SinkBacklog(sink: sink.id, count: last - cursor.sequence, since: oldest, problem: cursor.problem)
    }
}
