import Foundation
import Testing

@testable import Events

/// Events by POST, to a server on loopback.
@Suite(.enabled(if: WebServer.isAvailable, "needs curl and python3"))
struct WebhookTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func log(_ sink: EventSink) -> EventLog { EventLog(directory: scratch.events, sinks: [sink]) }

    private func append(_ counts: ClosedRange<Int>, for sink: EventSink) throws {
        for count in counts { try log(sink).append(Sample.missed(count), at: Sample.time) }
    }

    private func deliver(to sink: EventSink) throws -> SinkDelivery.Report {
        try SinkDelivery(to: sink, from: log(sink)).deliver(at: Sample.time)
    }

    @Test func anErrorIsNoDelivery() throws {
        let server = try WebServer(scratch, answers: [500, 204, 404])
        let query = #"?a=[1]&b={c,d}&c="\n\"#
        let sink = try EventSink(.webhook(server.url + query), id: "hook")
        try append(1...3, for: sink)
        let first = try deliver(to: sink)
        #expect(first.delivered == 0)
        #expect(first.problem?.contains("500") == true)
        let second = try deliver(to: sink)
        #expect(second.delivered == 1)
        #expect(second.problem?.contains("404") == true)
        #expect(try deliver(to: sink) == SinkDelivery.Report(delivered: 2))
        let requests = server.requests
        #expect(requests.map(\.status) == [500, 204, 404, 200, 200])
        #expect(requests.allSatisfy { $0.type == "application/json" && $0.path == "/hook" + query })
        #expect(try requests.map { try Event(json: Array($0.body.utf8)).sequence } == [1, 1, 2, 2, 3])
    }

    @Test func whoLeadsElsewhereHasNotGotIt() throws {
        let server = try WebServer(scratch, answers: [301, 302, 307, 304])
        let sink = try EventSink(.webhook(server.url), id: "hook")
        try append(1...1, for: sink)
        for code in [301, 302, 307, 304] {
            let report = try deliver(to: sink)
            #expect(report.delivered == 0)
            #expect(report.problem == "the server answered \(code): give the URL that it leads to")
        }
        #expect(try deliver(to: sink) == SinkDelivery.Report(delivered: 1))
        #expect(server.requests.map(\.status) == [301, 302, 307, 304, 200])
    }

    @Test func theURLStandsInNoCommandLine() throws {
        let sink = try EventSink(.webhook("http://127.0.0.1:9/hook?token=secret"), id: "hook")
        try append(1...1, for: sink)
        // What it is given, and what it finds there.
        let (words, settings) = (scratch.file("words"), scratch.file("settings"))
        try scratch.write("curl", "#!/bin/sh\necho \"$@\" >\(words)\ncat \"$3\" >\(settings)\nprintf 200\n")
        #expect(chmod(scratch.file("curl"), 0o755) == 0)
        var delivery = SinkDelivery(to: sink, from: log(sink))
        delivery.curl = scratch.file("curl")
        #expect(try delivery.deliver(at: Sample.time).delivered == 1)
        #expect(scratch.lines("words").count == 1 && !scratch.lines("words")[0].contains("token"))
        #expect(scratch.lines("settings") == [#"url = "http://127.0.0.1:9/hook?token=secret""#])
    }

    @Test func whileTheServerIsDownEventsWait() throws {
        let gone = try WebServer(scratch, answers: [])
        let sink = try EventSink(.webhook(gone.url), id: "hook")
        try append(1...1, for: sink)
        #expect(try deliver(to: sink).delivered == 1)
        gone.stop()
        try append(2...3, for: sink)
        let report = try deliver(to: sink)
        #expect(report.delivered == 0)
        #expect(report.problem?.hasPrefix("/usr/bin/curl ended with exit code 7: curl: (7)") == true)
        // It is back, elsewhere.
        let server = try WebServer(scratch, answers: [])
        #expect(try deliver(to: try EventSink(.webhook(server.url), id: "hook")) == SinkDelivery.Report(delivered: 2))
        #expect(try server.requests.map { try Event(json: Array($0.body.utf8)).sequence } == [1, 2, 3])
    }

    @Test func withoutCurlThatIsSaid() throws {
        let sink = try EventSink(.webhook("http://127.0.0.1:9/"))
        try append(1...1, for: sink)
        var delivery = SinkDelivery(to: sink, from: log(sink))
        delivery.curl = scratch.file("curl")
        let report = try delivery.deliver(at: Sample.time)
        #expect(report.problem == "\(scratch.file("curl")) is not there: webhooks need the package curl")
    }
}
