import Foundation
import Testing

@testable import Events

/// Which files stay.
struct RotationTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// A log that begins a new file with each event.
    private func newLog(files: Int = 100, totalBytes: Int = 1 << 20, _ sinks: [EventSink] = []) -> EventLog {
        EventLog(
            directory: scratch.events, sinks: sinks,
            limits: EventLog.Limits(fileBytes: 1, files: files, totalBytes: totalBytes))
    }

    private func append(_ counts: ClosedRange<Int>, to log: EventLog) throws {
        for count in counts { try log.append(Sample.missed(count), at: Sample.time) }
    }

    private func sink() throws -> EventSink { try EventSink(.command(["/bin/false"]), id: "slow") }

    @Test func aLargeFileIsFollowedByANewOne() throws {
        let log = EventLog(directory: scratch.events, limits: EventLog.Limits(fileBytes: 700))
        try append(1...7, to: log)
        #expect(scratch.logFiles.count > 1 && scratch.logFiles.count < 7)
        #expect(try log.events().sequences == [1, 2, 3, 4, 5, 6, 7])
    }

    @Test func theOldestGo() throws {
        let log = newLog(files: 3)
        try append(1...6, to: log)
        #expect(scratch.logFiles == ["events.1.jsonl", "events.2.jsonl", "events.jsonl"])
        #expect(try log.events().sequences == [4, 5, 6])
        #expect(try log.events(after: 4).sequences == [5, 6])
        // Others' files stay, and do not count.
        try scratch.write("events/events.01.jsonl", "")
        try scratch.write("events/events.x.jsonl", "")
        try append(7...7, to: log)
        #expect(scratch.logFiles.count == 5)
    }

    @Test func tenComesAfterNine() throws {
        let log = newLog()
        try append(1...12, to: log)
        #expect(try log.events().sequences == (1...12).map { UInt64($0) })
        #expect(try log.events(after: 1).sequences == (2...12).map { UInt64($0) })
    }

    @Test func aDeathBetweenTwoRenamesLosesNothing() throws {
        try append(1...4, to: newLog())
        // As a shift leaves it that ended after its second step.
        for (old, new) in [(3, 4), (2, 3)] {
            try FileManager.default.moveItem(
                atPath: scratch.file("events/\(LogFiles.name(old))"),
                toPath: scratch.file("events/\(LogFiles.name(new))"))
        }
        #expect(try newLog().events().sequences == [1, 2, 3, 4])
        try append(5...6, to: newLog())
        #expect(try newLog().events().sequences == [1, 2, 3, 4, 5, 6])
    }

    @Test func whatASinkHasNotGotStays() throws {
        let log = newLog(files: 2, [try sink()])
        try append(1...6, to: log)
        #expect(try log.events().sequences == [1, 2, 3, 4, 5, 6])
        try CursorFile(of: "slow", in: scratch.events).write(SinkCursor(sequence: 3))
        try append(7...7, to: log)
        #expect(try log.events().sequences == [4, 5, 6, 7])
        try CursorFile(of: "slow", in: scratch.events).write(SinkCursor(sequence: 7))
        try append(8...8, to: log)
        #expect(try log.events().sequences == [7, 8])
    }

    @Test func whatASinkThatIsNotConfiguredHasNotGotDoesNotStay() throws {
        try append(1...2, to: newLog(files: 2, [try sink()]))
        try append(3...6, to: newLog(files: 2))
        #expect(try newLog().events().sequences == [5, 6])
    }

    @Test func aboveTheTotalItGoesAndThatIsSaid() throws {
        let sinks = [try sink()]
        try append(1...1, to: newLog(sinks))
        let size = try LogFiles(scratch.events).size(0)
        let log = newLog(totalBytes: size * 7 / 2, sinks)
        try append(2...4, to: log)
        #expect(try log.events().sequences == [1, 2, 3, 4])
        try append(5...5, to: log)
        let reading = try log.events()
        #expect(reading.sequences == [2, 3, 4, 5, 6])
        #expect(reading.events.last?.detail == Sample.missed(5))
        let said = EventsDropped(
            sinks: ["slow"], firstSequence: 1, lastSequence: 1,
            cause: "the log was larger than \(size * 7 / 2) bytes")
        #expect(reading.events.dropLast().last?.detail == .eventsDropped(said))
    }

    @Test func aboveTheTotalWhatIsDeliveredGoesInSilence() throws {
        try append(1...1, to: newLog())
        let size = try LogFiles(scratch.events).size(0)
        let log = newLog(totalBytes: size * 7 / 2)
        try append(2...8, to: log)
        let reading = try log.events()
        #expect(reading.sequences.last == 8)
        #expect(reading.sequences.count < 8)
        #expect(reading.events.allSatisfy { $0.detail.type == .missedRuns })
    }

    @Test func numbersOfALogThatWasDeletedDoNotComeAgain() throws {
        let log = newLog([try sink()])
        try append(1...3, to: log)
        try CursorFile(of: "slow", in: scratch.events).write(SinkCursor(sequence: 3))
        for name in scratch.logFiles { try FileManager.default.removeItem(atPath: scratch.file("events/\(name)")) }
        #expect(try log.append(Sample.missed(4), at: Sample.time).sequence == 4)
    }
}
