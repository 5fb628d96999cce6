import Foundation
import SetModel
import SystemPackage
import Testing

@testable import Events

/// Writing and reading.
struct EventLogTests {
    private let scratch: Scratch
    private var log: EventLog { EventLog(directory: scratch.events) }

    init() throws { scratch = try Scratch() }

    /// Adds events with these counts.
    private func append(_ counts: ClosedRange<Int>) throws {
        for count in counts { try log.append(Sample.missed(count), at: Sample.time) }
    }

    @Test func numbersGoOn() throws {
        #expect(try log.events() == EventReading())
        #expect(try log.lastSequence() == 0)
        #expect(!FileManager.default.fileExists(atPath: scratch.events.string))
        var written: [Event] = []
        for detail in Sample.all { written.append(try log.append(detail, at: Sample.time + 0.5)) }
        let reading = try log.events()
        #expect(reading.sequences == (1...UInt64(Sample.all.count)).map { $0 })
        #expect(reading == EventReading(events: written))
        #expect(Set(written.map(\.id)).count == written.count)
        #expect(try log.lastSequence() == UInt64(Sample.all.count))
        #expect(try log.events(after: 3).events == Array(written.dropFirst(3)))
        #expect(try log.events(after: .max).events.isEmpty)
    }

    @Test func isForItsOwnerOnly() throws {
        try append(1...1)
        var status = stat()
        #expect(stat(scratch.file("events/events.jsonl"), &status) == 0)
        #expect(status.st_mode & 0o7777 == 0o600)
    }

    @Test(
        "what a power cut or somebody else left is skipped, said, and closed",
        arguments: [
            ("{\"id\":\"x", 1), ("{\"sequence\":", 1), ("not JSON\n", 1), ("a\nb\n{}\n{\"sequence\":\"5\"}", 4),
            ("\n", 1), ("\u{0}\u{0}\u{0}", 1), ("{\"sequence\":3,\"detailType\":\"Moon Phase\"}", 1),
        ])
    func badLines(_ left: String, _ count: Int) throws {
        try append(1...2)
        try scratch.append(left, to: "events/events.jsonl")
        try append(3...4)
        let reading = try log.events()
        #expect(reading.events.map(\.detail) == (1...4).map(Sample.missed))
        #expect(reading.sequences == reading.sequences.sorted())
        #expect(reading.problems.count == 1)
        #expect(reading.problems.first?.hasPrefix("events.jsonl: \(count) line") == true)
        #expect(reading.problems.first?.hasSuffix("the first is line 3") == true)
        let text = try String(contentsOfFile: scratch.file("events/events.jsonl"), encoding: .utf8)
        #expect(text.hasSuffix("}\n"))
    }

    @Test func aWholeLineThatLacksItsNewlineIsAnEvent() throws {
        try append(1...2)
        let file = scratch.file("events/events.jsonl")
        let text = try String(contentsOfFile: file, encoding: .utf8)
        try String(text.dropLast()).write(toFile: file, atomically: false, encoding: .utf8)
        #expect(try log.events().sequences == [1, 2])
        try append(3...3)
        let reading = try log.events()
        #expect(reading.sequences == [1, 2, 3])
        #expect(reading.problems.isEmpty)
    }

    @Test func aLineLongerThanAnyBuffer() throws {
        let cause = String(repeating: "ü", count: 1 << 20)
        try log.append(.setDeleted(SetNotice(Sample.nightly, cause: cause)), at: Sample.time)
        try append(1...1)
        try log.append(.setDeleted(SetNotice(Sample.nightly, cause: cause)), at: Sample.time)
        try append(2...2)
        let reading = try log.events()
        #expect(reading.sequences == [1, 2, 3, 4])
        #expect(reading.events.map(\.detail)[1] == Sample.missed(1))
    }

    @Test func writersAtTheSameTimeGetNumbersOfTheirOwn() async throws {
        let log = log
        let written = try await withThrowingTaskGroup(of: [UInt64].self) { group in
            for writer in 0..<8 {
                group.addTask {
                    try (0..<10).map { try log.append(Sample.missed(writer * 10 + $0), at: Sample.time).sequence }
                }
            }
            var all: [UInt64] = []
            for try await own in group {
                #expect(own == own.sorted())
                all += own
            }
            return all
        }
        #expect(written.sorted() == (1...80).map { UInt64($0) })
        let reading = try log.events()
        #expect(reading.sequences == written.sorted())
        #expect(reading.problems.isEmpty)
    }

    @Test func aDirectoryInWhichOthersCanWriteIsRefused() throws {
        try append(1...1)
        #expect(chmod(scratch.events.string, 0o777) == 0)
        fails(.refused) { try append(2...2) }
        fails(.refused) { _ = try log.events() }
        fails(.refused) { _ = try log.lastSequence() }
        let sink = try scratch.sink("cat >$dir/taken")
        fails(.refused) { _ = try SinkDelivery(to: sink, from: log).deliver(at: Sample.time) }
        #expect(chmod(scratch.events.string, 0o700) == 0)
        #expect(try log.events().sequences == [1])
    }

    @Test func aLinkInPlaceOfTheFileIsNotFollowed() throws {
        try append(1...1)
        let file = scratch.file("events/events.jsonl")
        try FileManager.default.removeItem(atPath: file)
        try scratch.write("precious", "mine")
        #expect(symlink(scratch.file("precious"), file) == 0)
        fails(.failed) { try append(2...2) }
        #expect(scratch.lines("precious") == ["mine"])
    }

    private func fails(
        _ code: SnapshotError.Code, sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
    ) {
        do {
            try body()
            Issue.record("it did not fail", sourceLocation: sourceLocation)
        } catch {
            let found = (error as? SnapshotError)?.code
            #expect(found == code, sourceLocation: sourceLocation)
        }
    }
}
