import Documents
import Lifecycle
import SystemPackage
import Testing

@testable import Policies

/// Which tags a policy may give its sets.
struct PolicyTagTests {
    private func read(_ schedules: [String]) throws -> Policy {
        let text = "id: a\ntargets: vg0\nschedules:\n" + schedules.joined()
        return try PolicyReader(root: DocumentNode(parsing: text, file: "p.yaml")).policy()
    }

    private static func schedule(_ id: String, _ keys: String) -> String {
        "- id: \(id)\n  create: {every: 1d}\n  retain: {count: 1}\n  \(keys)\n"
    }

    private static func tags(_ count: Int, _ name: String) -> String {
        "{" + (1...count).map { "\(name)\($0): x" }.joined(separator: ", ") + "}"
    }

    @Test("as many and as long ones as a set can have")
    func most() throws {
        let policy = try read([
            Self.schedule("one", "tagsToAdd: \(Self.tags(44, "t"))"),
            Self.schedule(
                "two", "variableTags: {t1: $(timestamp)$(host)$(instance-id)$(policy), all: $(schedule) $( $(}"),
        ])
        #expect(policy.schedules[0].tags.added.count == 44 && policy.schedules[1].tags.variable.count == 2)
    }

    @Test(
        "others are refused where they are written",
        arguments: [
            (
                [schedule("x", "tagsToAdd: \(tags(46, "t"))")],
                "p.yaml:7: schedule x: tagsToAdd: the schedule has 46 tags; a set has at most 45"
            ),
            (
                [schedule("x", "tagsToAdd: \(tags(30, "t"))"), schedule("y", "tagsToAdd: \(tags(16, "u"))")],
                "p.yaml:4: schedules: together they have 46 tags"
            ),
            (
                [schedule("x", "tagsToAdd: {k: \(String(repeating: "v", count: 257))}")],
                "p.yaml:7: schedule x: tagsToAdd: \"k\" cannot be a tag: its value is longer than 256 characters"
            ),
            (
                [schedule("x", "tagsToAdd: {k: \(String(repeating: "ü", count: 200))}")],
                "schedule x: tagsToAdd: \"k\" cannot be a tag: it is 1217 bytes long as LVM writes it, 1024 at most"
            ),
            ([schedule("x", "tagsToAdd: {a=b: c}")], "\"a=b\" cannot be a tag: its key has = in it"),
            ([schedule("x", "tagsToAdd: {\"\": c}")], "its key is empty"),
            (
                [schedule("x", "variableTags: {at: a $(tiemstamp)}")],
                "p.yaml:7: schedule x: variableTags.at: $(tiemstamp) stands for nothing; did you mean $(timestamp)?"
            ),
            (
                [schedule("x", "variableTags: {at: $(region)}")],
                "$(region) stands for nothing; known are timestamp, host, instance-id, policy, schedule"
            ),
            (
                [schedule("x", "variableTags: {at: $(host)$(host)$(host)$(host)$(host)}")],
                "its value is longer than 256 characters"
            ),
        ])
    func wrong(schedules: [String], says: String) {
        let error = #expect(throws: DocumentError.self) { try read(schedules) }
        #expect(error.map { "\($0)" }?.contains(says) == true, "\(error.map { "\($0)" } ?? "")")
    }
}
