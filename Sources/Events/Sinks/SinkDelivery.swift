public import FoundationEssentials
import Glibc
import LinuxSystem
import SystemPackage

/// Gives a sink what it has not got: in order, each event at least once. What it does not take stays in the log, and
/// the next call goes on with it.
public struct SinkDelivery: Sendable {
    /// What one call did.
    public struct Report: Sendable, Equatable {
        /// How many events the sink took.
        public var delivered: Int
        /// Why it did not take the next one; `nil`: it took all there was time for.
        public var problem: String?
        /// Somebody else is at work for this sink: nothing was done.
        public var isBusy: Bool

        public init(delivered: Int = 0, problem: String? = nil, isBusy: Bool = false) {
            self.delivered = delivered
            self.problem = problem
            self.isBusy = isBusy
        }
    }

    private let sink: EventSink
    private let log: EventLog
    /// For one event.
    var limit = Duration.seconds(10)
    /// For one call: whoever has fallen far behind catches up in several.
    var budget = Duration.seconds(60)
    var curl = "/usr/bin/curl"

    /// - Parameter log: it keeps events for a sink only when that is one of ``EventLog/sinks``.
    public init(to sink: EventSink, from log: EventLog) {
        self.sink = sink
        self.log = log
    }

    private var file: CursorFile { CursorFile(of: sink.id, in: log.directory) }
    /// Held by whoever delivers.
    var lockFile: FilePath { log.directory.appending(sink.id + ".cursor.lock") }

    /// How far the sink is; `nil` for one that has not begun.
    public func cursor() throws -> SinkCursor? { try log.explaining("read") { try file.read() } }

    /// Delivers everything after the cursor, until the sink does not take one. A sink that is new begins at the end.
    ///
    /// - Parameter now: when a failure is remembered to have been.
    /// - Throws: ``SnapshotError`` when the log cannot be used. What the sink does is in the report.
    public func deliver(at now: Date) throws -> Report {
        try log.explaining("delivered") {
            try log.begin([sink])
            guard let lock = try FileLock.tryExclusive(lockFile) else { return Report(isBusy: true) }
            let result = Result { try deliverAll(at: now) }
            lock.release()
            return try result.get()
        }
    }

    private func deliverAll(at now: Date) throws -> Report {
        let file = file
        guard var cursor = try file.read() else { return Report() }
        let end = ContinuousClock.now + budget
        var report = Report()
        _ = try log.snapshot().lines(after: cursor.sequence) { line in
            guard ContinuousClock.now < end, !Task.isCancelled else { return false }
            if let failure = send(line.bytes + [LogFile.newline]) {
                cursor.problem = failure.text
                cursor.problemAt = now
                try file.write(cursor)
                report.problem = failure.text
                return false
            }
            cursor = SinkCursor(sequence: line.sequence)
            try file.write(cursor)
            report.delivered += 1
            return true
        }
        return report
    }

    /// - Returns: why the sink did not take it.
    private func send(_ line: [UInt8]) -> SinkFailure? {
        do throws(SinkFailure) {
            switch sink.target {
            case .command(let words): try SinkProgram.run(words, input: line, limit: limit)
            case .webhook(let url): try Webhook(url: url, curl: curl).post(line, limit: limit)
            }
            return nil
        } catch {
            return error
        }
    }
}
