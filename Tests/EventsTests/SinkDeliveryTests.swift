import Foundation
import LinuxSystem
import SetModel
import Testing

@testable import Events

/// What sinks get, and when.
struct SinkDeliveryTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func append(_ counts: ClosedRange<Int>, for sinks: [EventSink]) throws {
        let log = EventLog(directory: scratch.events, sinks: sinks)
        for count in counts { try log.append(Sample.missed(count), at: Sample.time) }
    }

    /// Like another process: with nothing that an earlier one kept in memory.
    private func delivery(_ sink: EventSink) -> SinkDelivery {
        SinkDelivery(to: sink, from: EventLog(directory: scratch.events, sinks: [sink]))
    }

    /// What the sink took.
    private var taken: [UInt64] {
        get throws { try scratch.lines("taken").map { try Event(json: Array($0.utf8)).sequence } }
    }

    @Test("each event, in order, however often the sink fails before", arguments: [0, 1, 3])
    func failing(_ failures: Int) throws {
        let sink = try scratch.sink(
            """
            n=$(cat $dir/count 2>/dev/null || echo 0)
            echo $((n + 1)) >$dir/count
            if [ $n -lt \(failures) ]; then echo "not yet $n" >&2; exit 7; fi
            cat >>$dir/taken
            """)
        try append(1...4, for: [sink])
        for attempt in 0..<failures {
            let time = Sample.time + Double(attempt)
            let problem = "/bin/sh ended with exit code 7: not yet \(attempt)"
            #expect(try delivery(sink).deliver(at: time) == SinkDelivery.Report(problem: problem))
            #expect(
                try delivery(sink).cursor() == SinkCursor(sequence: 0, problem: problem, problemAt: time))
            #expect(try taken.isEmpty)
        }
        #expect(try delivery(sink).deliver(at: Sample.time) == SinkDelivery.Report(delivered: 4))
        #expect(try taken == [1, 2, 3, 4])
        #expect(try delivery(sink).cursor() == SinkCursor(sequence: 4))
        #expect(try delivery(sink).deliver(at: Sample.time) == SinkDelivery.Report())
        #expect(try taken == [1, 2, 3, 4])
    }

    @Test func stopsAtTheFirstThatIsNotTakenAndGoesOnThere() throws {
        let sink = try scratch.sink(
            """
            event=$(cat)
            case $event in *'"count":3,'*) [ -e $dir/open ] || exit 1 ;; esac
            echo "$event" >>$dir/taken
            """)
        try append(1...5, for: [sink])
        for _ in 0..<2 {
            let delivered = try delivery(sink).deliver(at: Sample.time)
            #expect(delivered.problem == "/bin/sh ended with exit code 1")
            #expect(try taken == [1, 2])
            #expect(try delivery(sink).cursor()?.sequence == 2)
        }
        try scratch.write("open", "")
        try append(6...6, for: [sink])
        #expect(try delivery(sink).deliver(at: Sample.time) == SinkDelivery.Report(delivered: 4))
        #expect(try taken == [1, 2, 3, 4, 5, 6])
    }

    @Test func howFarASinkIsBehindIsKnown() throws {
        let sink = try scratch.sink("test -e $dir/open && cat >>$dir/taken")
        let log = EventLog(directory: scratch.events, sinks: [sink])
        #expect(try log.backlogs() == [SinkBacklog(sink: "script")])
        #expect(!FileManager.default.fileExists(atPath: scratch.file("events")))
        try append(1...2, for: [sink])
        try log.append(Sample.missed(3), at: Sample.time + 60)
        #expect(try log.backlogs() == [SinkBacklog(sink: "script", count: 3, since: Sample.time)])
        let problem = try delivery(sink).deliver(at: Sample.time).problem
        #expect(try log.backlogs() == [SinkBacklog(sink: "script", count: 3, since: Sample.time, problem: problem)])
        try scratch.write("open", "")
        #expect(try delivery(sink).deliver(at: Sample.time).delivered == 3)
        #expect(try log.backlogs() == [SinkBacklog(sink: "script")])
    }

    @Test func whatIsNotKnownToBeTakenComesAgain() throws {
        let sink = try scratch.sink("cat >>$dir/taken")
        try append(1...3, for: [sink])
        #expect(try delivery(sink).deliver(at: Sample.time).delivered == 3)
        // As after a death between the sink's end and the memory of it.
        try CursorFile(of: sink.id, in: scratch.events).write(SinkCursor(sequence: 2))
        #expect(try delivery(sink).deliver(at: Sample.time).delivered == 1)
        #expect(try taken == [1, 2, 3, 3])
    }

    @Test func aNewSinkBeginsAtTheEnd() throws {
        let sink = try scratch.sink("cat >>$dir/taken")
        try append(1...2, for: [])
        #expect(try delivery(sink).cursor() == nil)
        #expect(try delivery(sink).deliver(at: Sample.time) == SinkDelivery.Report())
        #expect(try delivery(sink).cursor() == SinkCursor(sequence: 2))
        // One that is configured before an event gets it, although it was never delivered to.
        let other = try scratch.sink("cat >>$dir/other", id: "other")
        try append(3...3, for: [sink, other])
        #expect(try delivery(sink).deliver(at: Sample.time).delivered == 1)
        #expect(try delivery(other).deliver(at: Sample.time).delivered == 1)
        #expect(try taken == [3])
        #expect(scratch.lines("other") == scratch.lines("taken"))
    }

    @Test func oneSinkDoesNotHoldUpAnother() throws {
        let broken = try scratch.sink("exit 1", id: "broken")
        let sound = try scratch.sink("cat >>$dir/taken", id: "sound")
        try append(1...2, for: [broken, sound])
        #expect(try delivery(broken).deliver(at: Sample.time).delivered == 0)
        #expect(try delivery(sound).deliver(at: Sample.time).delivered == 2)
    }

    @Test func linesThatAreNoEventsAreLeftOut() throws {
        let sink = try scratch.sink("cat >>$dir/taken")
        try append(1...1, for: [sink])
        try scratch.append("garbage\n", to: "events/events.jsonl")
        try append(2...2, for: [sink])
        #expect(try delivery(sink).deliver(at: Sample.time) == SinkDelivery.Report(delivered: 2))
        #expect(try taken == [1, 2])
    }

    @Test func theSecondAtTheSameTimeReturnsAtOnce() throws {
        let sink = try scratch.sink("cat >>$dir/taken")
        try append(1...1, for: [sink])
        guard let lock = try FileLock.tryExclusive(delivery(sink).lockFile) else {
            Issue.record("the lock is held already")
            return
        }
        #expect(try delivery(sink).deliver(at: Sample.time) == SinkDelivery.Report(isBusy: true))
        #expect(try taken.isEmpty)
        lock.release()
        #expect(try delivery(sink).deliver(at: Sample.time).delivered == 1)
    }

    @Test func manyAtTheSameTimeDeliverEachEventOnce() async throws {
        let sink = try scratch.sink("cat >>$dir/taken")
        try append(1...3, for: [sink])
        let deliveries = (0..<6).map { _ in delivery(sink) }
        let delivered = try await withThrowingTaskGroup(of: Int.self) { group in
            for delivery in deliveries { group.addTask { try delivery.deliver(at: Sample.time).delivered } }
            return try await group.reduce(0, +)
        }
        #expect(delivered == 3)
        #expect(try taken == [1, 2, 3])
    }

    @Test func aDamagedCursorIsNamed() throws {
        let sink = try scratch.sink("cat >>$dir/taken")
        try append(1...1, for: [sink])
        try scratch.write("events/script.cursor", "half of")
        #expect(throws: SnapshotError.self) { try delivery(sink).deliver(at: Sample.time) }
        // Nobody else is kept from working.
        try append(2...2, for: [sink])
        #expect(try taken.isEmpty)
    }

    @Test func aProgramThatDoesNotEndIsKilledWithWhatItStarted() throws {
        #expect(mkfifo(scratch.file("alive"), 0o600) == 0)
        let reader = open(scratch.file("alive"), O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        defer { close(reader) }
        let sink = try scratch.sink(
            """
            trap '' TERM HUP INT
            exec 3>$dir/alive
            sleep 1000 &
            sleep 1000
            """)
        try append(1...1, for: [sink])
        var delivery = delivery(sink)
        delivery.limit = .milliseconds(500)
        let report = try delivery.deliver(at: Sample.time)
        #expect(report.problem?.hasPrefix("/bin/sh did not end within") == true)
        #expect(try delivery.cursor()?.sequence == 0)
        // The pipe has an end when nobody is left who could write into it.
        var entry = pollfd(fd: reader, events: Int16(POLLIN), revents: 0)
        poll(&entry, 1, 10_000)
        var byte: UInt8 = 0
        #expect(read(reader, &byte, 1) == 0)
    }

    @Test func aProgramThatReadsNothingAndPrintsMuchIsHeard() throws {
        let sink = try scratch.sink("head -c 1000000 /dev/zero | tr '\\0' x >&2; echo >&2; echo the end >&2; exit 3")
        try append(1...1, for: [sink])
        let problem = try #require(try delivery(sink).deliver(at: Sample.time).problem)
        #expect(problem.hasPrefix("/bin/sh ended with exit code 3: xxx"))
        #expect(problem.hasSuffix("xxx; the end"))
        #expect(problem.utf8.count < 1100)
    }

    @Test func whatAProgramFinds() throws {
        let sink = try scratch.sink(#"echo "$PATH|${HOME-none}|${USER-none}" >$dir/found; kill -TERM $$"#)
        try append(1...1, for: [sink])
        #expect(try delivery(sink).deliver(at: Sample.time).problem == "/bin/sh was ended by signal 15")
        #expect(scratch.lines("found") == ["/usr/sbin:/usr/bin:/sbin:/bin|none|none"])
    }

    @Test func aProgramThatIsNotThere() throws {
        let sink = try EventSink(.command([scratch.file("nothing")]))
        try append(1...1, for: [sink])
        let report = try delivery(sink).deliver(at: Sample.time)
        #expect(report.problem == "\(scratch.file("nothing")): No such file or directory")
    }
}
