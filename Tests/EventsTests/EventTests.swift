import Foundation
import Testing

@testable import Events

/// What an event looks like.
struct EventTests {
    private func event(_ detail: EventDetail) -> Event {
        Event(
            id: "0123456789abcdef0123456789abcdef", sequence: 7, time: Sample.time + 0.9, host: "one", detail: detail)
    }

    private func object(_ event: Event) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(event.json())) as? [String: Any])
    }

    @Test func jsonOnOneLineWithWholeSeconds() throws {
        let detail = PolicyStateChange(policyId: "db", state: .error, cause: "a\nb / \"c\"")
        let json = String(decoding: try event(.policyStateChange(detail)).json(), as: UTF8.self)
        #expect(
            json == #"{"detail":{"cause":"a\nb / \"c\"","policyId":"db","state":"ERROR"},"#
                + #""detailType":"Policy State Change","host":"one","id":"0123456789abcdef0123456789abcdef","#
                + #""schemaVersion":1,"sequence":7,"source":"stillpoint","time":"2027-01-15T08:00:00Z"}"#)
    }

    @Test(arguments: Sample.all)
    func isReadAsItWasWritten(_ detail: EventDetail) throws {
        let event = event(detail)
        let json = try event.json()
        #expect(!json.contains(UInt8(ascii: "\n")))
        #expect(try Event(json: json) == event)
        let type = try object(event)["detailType"] as? String
        #expect(type == detail.type.rawValue)
        #expect(!detail.sentence.isEmpty)
        #expect((3...6).contains(detail.priority))
    }

    @Test func everyKindIsTested() {
        #expect(Set(Sample.all.map(\.type)) == Set(EventType.allCases))
    }

    @Test func hasTheFieldsOfDLM() throws {
        let detail = try #require(try object(event(.prePostScript(Sample.failedScript)))["detail"] as? [String: Any])
        #expect(
            Set(detail.keys) == [
                "scriptStage", "result", "cause", "policyId", "executionHandler", "resourceType", "resources",
                "requestId", "startTime", "endTime", "timeoutTime", "setName", "attempt",
            ])
        let resources = try #require(detail["resources"] as? [[String: String]])
        #expect(
            resources.first == ["status": "complete", "resourceId": "vg0/data_sp", "source": "vg0/data"])
    }

    @Test func whatThisVersionDoesNotKnowIsNoEvent() throws {
        let json = try event(Sample.missed(1)).json()
        let strange = String(decoding: json, as: UTF8.self).replacing("Missed Runs", with: "Moon Phase")
        #expect(throws: DecodingError.self) { try Event(json: Array(strange.utf8)) }
        #expect(LogLine(Array(strange.utf8))?.sequence == 7)
    }
}
