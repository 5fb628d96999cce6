public import FoundationEssentials
import Glibc
import LinuxSystem
import SetModel
public import SystemPackage

/// The events of this host: `events.jsonl`, a JSON object in each line, and what it was before: `events.1.jsonl`,
/// `events.2.jsonl`, ...
///
/// Nothing here may be called while a file system is frozen: every line is flushed to the disk.
public struct EventLog: Sendable {
    /// How much is kept.
    public struct Limits: Sendable, Equatable {
        /// A file that is larger is followed by a new one.
        public var fileBytes: Int
        /// That many files stay.
        public var files: Int
        /// What sinks have not got stays as well, up to here.
        public var totalBytes: Int

        public init(fileBytes: Int = 10 << 20, files: Int = 5, totalBytes: Int = 100 << 20) {
            self.fileBytes = fileBytes
            self.files = files
            self.totalBytes = totalBytes
        }
    }

    /// `events` in the state directory.
    public let directory: FilePath
    /// Those that are configured: for them events are kept.
    public let sinks: [EventSink]
    public let limits: Limits
    private let host: String

    /// Nothing is looked at, or made, before it is needed.
    public init(directory: FilePath, sinks: [EventSink] = [], limits: Limits = Limits()) {
        self.directory = directory
        self.sinks = sinks
        self.limits = limits
        host = HostName.current()
    }

    // MARK: Writing

    /// Adds an event. It is on the disk when this returns.
    ///
    /// - Throws: ``SnapshotError``: `refused` when others can write in the directory.
    @discardableResult
    public func append(_ detail: EventDetail, at time: Date) throws -> Event {
        try explaining("written") {
            try SafeDirectory.ensure(directory)
            return try locked {
                let files = LogFiles(directory)
                var last = try lastSequence(in: files)
                try begin(sinks, at: last)
                if try files.size(0) >= limits.fileBytes { try files.shift() }
                // Also after a death between the two.
                if !files.exists(0) { try makeRoom(in: files, &last, at: time) }
                return try write(detail, to: files, &last, at: time)
            }
        }
    }

    private func write(_ detail: EventDetail, to files: LogFiles, _ last: inout UInt64, at time: Date) throws -> Event {
        let event = Event(id: SetName.drawID(), sequence: last + 1, time: time, host: host, detail: detail)
        try files.append(try event.json())
        last = event.sequence
        return event
    }

    /// Lets go of the oldest files, and says so where a sink has not got all of them.
    private func makeRoom(in files: LogFiles, _ last: inout UInt64, at time: Date) throws {
        let surplus = try LogSurplus(of: files, limits: limits, delivered: delivered())
        if let dropped = surplus.dropped { _ = try write(.eventsDropped(dropped), to: files, &last, at: time) }
        try files.remove(surplus.numbers)
    }

    // MARK: Reading

    /// All events after a number, in order.
    ///
    /// - Throws: ``SnapshotError``. What is no event in a file is no error; see ``EventReading/problems``.
    public func events(after sequence: UInt64 = 0) throws -> EventReading {
        guard isPresent else { return EventReading() }
        return try explaining("read") {
            var events: [Event] = []
            let problems = try snapshot().lines(after: sequence) { line in
                events.append(try Event(json: line.bytes))
                return true
            }
            return EventReading(events: events, problems: problems)
        }
    }

    /// The newest event's; 0 when there is none.
    public func lastSequence() throws -> UInt64 {
        guard isPresent else { return 0 }
        return try explaining("read") {
            try SafeDirectory.verify(directory)
            return try locked { try lastSequence(in: LogFiles(directory)) }
        }
    }

    /// The files as they are now: whatever is written, renamed or deleted later changes nothing in it.
    func snapshot() throws -> LogSnapshot {
        try SafeDirectory.verify(directory)
        return try locked { LogSnapshot(files: try LogFiles(directory).open()) }
    }

    private var isPresent: Bool { directory.withPlatformString { access($0, F_OK) } == 0 }

    /// In the log, or a greater one that a sink has got: of a log that was deleted the numbers must not come again.
    private func lastSequence(in files: LogFiles) throws -> UInt64 {
        let cursors = try CursorFile.all(in: directory).compactMap { try? $0.read()?.sequence }
        return max(try files.lastSequence(), cursors.max() ?? 0)
    }

    // MARK: Sinks

    /// Gives sinks that have no cursor yet one at the current end.
    func begin(_ sinks: [EventSink]) throws {
        try SafeDirectory.ensure(directory)
        try locked { try begin(sinks, at: try lastSequence(in: LogFiles(directory))) }
    }

    private func begin(_ sinks: [EventSink], at sequence: UInt64) throws {
        for sink in sinks {
            let file = CursorFile(of: sink.id, in: directory)
            if !file.isPresent { try file.write(SinkCursor(sequence: sequence)) }
        }
    }

    /// By sink: the last event that it has got.
    private func delivered() -> [String: UInt64] {
        let pairs = sinks.compactMap { sink in
            (try? CursorFile(of: sink.id, in: directory).read()).map { (sink.id, $0.sequence) }
        }
        return Dictionary(pairs) { first, _ in first }
    }

    // MARK: Lock and errors

    /// How long anybody may write or open the files.
    private static let patienceMs: UInt64 = 30_000

    /// Nobody else writes, rotates, or begins a sink meanwhile.
    private func locked<Value>(_ body: () throws -> Value) throws -> Value {
        let path = directory.appending("lock")
        guard let lock = try FileLock.exclusive(path, within: Self.patienceMs) else {
            throw SnapshotError(
                .busy, "another process holds \(path) for more than \(Self.patienceMs / 1000) s: see what it waits for")
        }
        let result = Result { try body() }
        lock.release()
        return try result.get()
    }

    /// - Parameter done: what cannot be done when `body` fails.
    func explaining<Value>(_ done: String, _ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch let error as SnapshotError {
            throw error
        } catch let error as UnsafeDirectoryError {
            throw SnapshotError(.refused, "the events in \(directory) cannot be \(done)", cause: error)
        } catch let error as UnsafeFileError {
            throw SnapshotError(.refused, "the events in \(directory) cannot be \(done)", cause: error)
        } catch {
            throw SnapshotError(.failed, "the events in \(directory) cannot be \(done)", cause: error)
        }
    }
}
