import SetModel
import Snapshots
import SystemPackage
import Testing

@testable import Commands

struct ErrorTests {
    static let failure = SnapshotError(
        .stillFrozen, "the set was not taken", causes: ["vg0/data: suspend failed", "ioctl: EBUSY\nsecond line"],
        undoFailures: ["/srv is still frozen: fsfreeze -u /srv"])

    @Test(
        arguments: [
            (.failed, 1), (.partial, 3), (.applications, 3), (.refused, 4), (.busy, 5), (.hook, 6), (.stillFrozen, 7),
            (.usage, 64),
        ] as [(SnapshotError.Code, Int32)])
    func exitCodes(_ code: SnapshotError.Code, _ number: Int32) async {
        let run = await Run("list", .init(error: SnapshotError(code, "no")))
        #expect(run.exitCode.rawValue == number)
    }

    @Test func everyCodeHasItsOwnExitCode() {
        // Two kinds say 3: something is there, and not all is well.
        #expect(Set(SnapshotError.Code.allCases.map { ExitCode($0) }).count == SnapshotError.Code.allCases.count - 1)
        #expect(ExitCode.allCases.map(\.rawValue) == [0, 1, 3, 4, 5, 6, 7, 64])
    }

    @Test func forPeople() async {
        let run = await Run("create /srv", .init(error: Self.failure))
        #expect(run.output.isEmpty)
        #expect(
            run.messages == """
                stillpoint: error: the set was not taken
                  vg0/data: suspend failed
                  ioctl: EBUSY
                    second line
                  not undone: /srv is still frozen: fsfreeze -u /srv

                """)
    }

    @Test func forPrograms() async {
        let run = await Run("create /srv --output json", .init(error: Self.failure))
        #expect(
            run.output == """
                {"schemaVersion":1,"error":{"code":"stillFrozen","message":"the set was not taken",\
                "causes":["vg0/data: suspend failed","ioctl: EBUSY\\nsecond line"],\
                "undoFailures":["/srv is still frozen: fsfreeze -u /srv"],"exitCode":7}}

                """)
        #expect(run.messages.hasPrefix("stillpoint: error: the set was not taken\n"))
    }

    @Test func quietStillPrintsErrors() async {
        let run = await Run("create /srv -q", .init(error: Self.failure))
        #expect(run.messages.hasPrefix("stillpoint: error: the set was not taken\n"))
    }

    @Test func anErrorCannotDriveTheTerminal() async {
        let run = await Run("list", .init(error: SnapshotError(.failed, "bad \u{1B}[2J tag")))
        #expect(run.messages == "stillpoint: error: bad \\u{1B}[2J tag\n")
    }

    @Test func aReaderThatHasReadEnough() async {
        let run = await Run("list", output: RecordingSink(failure: .brokenPipe))
        #expect(run.exitCode == .done)
        #expect(run.messages.isEmpty)
    }

    @Test func aResultThatCannotBePrinted() async {
        let run = await Run("create /srv", output: RecordingSink(failure: .noSpace))
        #expect(run.exitCode == .partial)
        #expect(run.messages == "stillpoint: error: the result could not be printed\n  No space left on device\n")
    }

    @Test func aFailureStaysWhatItIsWhenItCannotBePrinted() async {
        let sink = RecordingSink(failure: .noSpace)
        let run = await Run("create /srv --output json", .init(error: Self.failure), output: sink)
        #expect(run.exitCode == .stillFrozen)
    }
}
