import Testing

@testable import SetModel

@Suite struct SnapshotErrorTests {
    private struct Lower: Error, CustomStringConvertible {
        let description = "below"
    }

    @Test(
        "one line: what happened, why, and what was not undone",
        arguments: [
            (SnapshotError(.failed, "it failed"), "it failed"),
            (SnapshotError(.failed, "it failed", cause: Lower()), "it failed; below"),
            (
                SnapshotError(.stillFrozen, "it failed", causes: ["a", "b"], undoFailures: ["c", "d"]),
                "it failed; a; b; not undone: c; not undone: d"
            ),
        ])
    func description(error: SnapshotError, text: String) { #expect("\(error)" == text) }

    @Test("a greater consistency promises more")
    func order() {
        #expect(Consistency.crash < .filesystem)
        #expect(Consistency.filesystem < .application)
        #expect(Consistency.allCases.sorted() == [.crash, .filesystem, .application])
    }

    @Test("words that are stored in LVM's tags and in the catalog do not change")
    func storedWords() {
        #expect(SetState.allCases.map(\.rawValue) == ["staged", "complete", "degraded", "deleting"])
        #expect(Consistency.allCases.map(\.rawValue) == ["crash", "filesystem", "application"])
    }
}
