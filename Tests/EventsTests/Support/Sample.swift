import Foundation
import SetModel

@testable import Events

enum Sample {
    static let time = Date(timeIntervalSince1970: 1_800_000_000)

    static let nightly = SnapshotSet(
        id: "1a2b3c4d5e6f708192a3b4c5d6e7f809", name: "nightly", state: .complete, consistency: .application,
        createdAt: time, expiresAt: time + 86_400, policy: "db", schedule: "hourly,daily", memberCount: 2,
        members: [
            Member(index: 1, volume: "vg0/data", originUUID: "O-1", snapshot: "vg0/data_sp", sizeBytes: 1 << 30),
            Member(index: 2, volume: "vg0/log", originUUID: "O-2", snapshot: "vg0/log_sp", sizeBytes: 1 << 20),
        ])

    static let byHand = SnapshotSet(
        id: "2a2b3c4d5e6f708192a3b4c5d6e7f809", name: "by-hand", state: .complete, createdAt: time, memberCount: 0,
        members: [])

    static let failedScript = PrePostScript(
        nightly, stage: .pre, result: .failed, executionHandler: "postgresql",
        cause: "exit code 201:\nthe pre-script failed", attempt: 2, startTime: time, endTime: time + 1,
        timeoutTime: time + 10)

    /// One of each kind, and some with gaps.
    static let all: [EventDetail] = [
        .policyStateChange(PolicyStateChange(policyId: "db", state: .error, cause: "the pool is full")),
        .policyStateChange(PolicyStateChange(policyId: "db", state: .enabled, cause: "")),
        .prePostScript(failedScript),
        .prePostScript(PrePostScript(byHand, stage: .post, result: .success, executionHandler: "größe \"x\"/y")),
        .setCreated(SetNotice(nightly, cause: "hooks succeeded")), .setCreated(SetNotice(byHand)),
        .setDeleted(SetNotice(nightly, cause: "count 7 of schedule hourly")), .setTrashed(SetNotice(nightly)),
        .failsafeFired(FailsafeFired(.freeze, cause: "5 s were over")),
        .failsafeFired(
            FailsafeFired(
                .hooks, cause: "60 s were over", policyId: "db", setId: nightly.id, setName: nightly.name,
                executionHandler: "postgresql")),
        missed(3),
        .eventsDropped(
            EventsDropped(sinks: ["pager"], firstSequence: 1, lastSequence: .max, cause: "the log was too large")),
    ]

    /// Lines of it have the same length for counts with the same number of digits.
    static func missed(_ count: Int) -> EventDetail {
        .missedRuns(
            MissedRuns(policyId: "db", scheduleId: "hourly", count: count, firstTime: time, lastTime: time + 3600))
    }
}

extension EventReading {
    var sequences: [UInt64] { events.map(\.sequence) }
}
