import SetModel
import Snapshots
import Testing

@testable import Commands

struct DeletionTests {
    static let lost = SnapshotError(.refused, "no set is named b")
    static let failed = SnapshotError(.failed, "vg0/c is in use", causes: ["lvremove: busy"])
    static let frozen = SnapshotError(.stillFrozen, "look", undoFailures: ["/srv is still frozen"])

    @Test func all() async {
        let run = await Run("delete a b")
        #expect(run.exitCode == .done)
        #expect(run.output == "deleted a\ndeleted b\n")
        #expect(run.messages.isEmpty)
    }

    @Test func allForPrograms() async {
        let run = await Run("delete a b --output json")
        #expect(run.output == #"{"schemaVersion":1,"deleted":["a","b"],"trashed":[],"failures":[]}"# + "\n")
    }

    @Test func quietly() async {
        #expect(await Run("delete a b -q").output.isEmpty)
    }

    @Test func aPart() async {
        let run = await Run("delete a b c d", .init(deletion: ["b": Self.lost, "c": Self.failed]))
        #expect(run.exitCode == .partial)
        #expect(run.calls == printed(.delete("a"), .delete("b"), .delete("c"), .delete("d")))
        #expect(run.output == "deleted a\ndeleted d\n")
        #expect(
            run.messages == """
                stillpoint: error: 2 of 4 sets not deleted
                  b: no set is named b
                  c: vg0/c is in use
                  lvremove: busy

                """)
    }

    @Test func aPartForPrograms() async {
        let run = await Run("delete a c --output json", .init(deletion: ["c": Self.failed]))
        #expect(
            run.output == """
                {"schemaVersion":1,"deleted":["a"],"trashed":[],\
                "failures":[{"set":"c","code":"failed","message":"vg0/c is in use",\
                "causes":["lvremove: busy"],"undoFailures":[],"exitCode":1}],\
                "error":{"code":"partial","message":"1 of 2 sets not deleted",\
                "causes":["c: vg0/c is in use","lvremove: busy"],"undoFailures":[],"exitCode":3}}

                """)
    }

    @Test func theOnlyOne() async {
        let run = await Run("delete b", .init(deletion: ["b": Self.lost]))
        #expect(run.exitCode == .refused)
        #expect(run.messages == "stillpoint: error: no set is named b\n")
    }

    @Test(
        arguments: [
            (["a": lost, "b": lost], .refused), (["a": failed, "b": failed], .failed),
            (["a": lost, "b": failed], .partial),
            (["a": lost], .partial), (["a": frozen], .stillFrozen), (["a": lost, "b": frozen], .stillFrozen),
        ] as [([String: SnapshotError], ExitCode)])
    func exitCodes(_ errors: [String: SnapshotError], _ code: ExitCode) async {
        #expect(await Run("delete a b", .init(deletion: errors)).exitCode == code)
    }
}
