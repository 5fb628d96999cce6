import Testing

@testable import Commands

struct ProgressTests {
    static func options(quiet: Bool = false, verbose: Bool = false) -> ConsoleOptions {
        var options = ConsoleOptions(output: .table)
        options.quiet = quiet
        options.verbose = verbose
        return options
    }

    @Test func nothingBeforeItHasTakenLongEnough() {
        let sink = RecordingSink(columns: 80)
        let line = ProgressLine(Self.options(), sink)
        line.step("staging")
        line.disappear()
        line.appear()
        line.step("late")
        #expect(sink.text.isEmpty)
    }

    @Test func oneLineThatIsRewritten() {
        let sink = RecordingSink(columns: 10)
        let line = ProgressLine(Self.options(), sink)
        line.appear()
        line.step("staging\n")
        line.step("cutting a long line")
        line.disappear()
        #expect(sink.text == "\r\u{1B}[Kstaging\\u\r\u{1B}[Kcutting a\r\u{1B}[K")
    }

    @Test func theStepThatWasReachedAppears() {
        let sink = RecordingSink(columns: 80)
        let line = ProgressLine(Self.options(), sink)
        line.step("staging")
        line.appear()
        #expect(sink.text == "\r\u{1B}[Kstaging")
    }

    @Test(arguments: [(80, true), (nil, false), (nil, true)] as [(Int?, Bool)])
    func nothingWhenQuietOrNotOnATerminal(_ columns: Int?, _ quiet: Bool) {
        let sink = RecordingSink(columns: columns)
        let line = ProgressLine(Self.options(quiet: quiet), sink)
        line.step("staging")
        line.appear()
        line.disappear()
        #expect(sink.text.isEmpty)
    }

    @Test(arguments: [true, false])
    func aWarningAlsoWhenQuietAndNotOnATerminal(_ quiet: Bool) {
        let sink = RecordingSink(columns: nil)
        let line = ProgressLine(Self.options(quiet: quiet), sink)
        line.warn("set old: not\nremoved")
        line.disappear()
        #expect(sink.text == "stillpoint: warning: set old: not\\u{A}removed\n")
    }

    @Test func aWarningBesideTheLine() {
        let sink = RecordingSink(columns: 80)
        let line = ProgressLine(Self.options(), sink)
        line.step("staging")
        line.appear()
        line.warn("look")
        line.disappear()
        #expect(
            sink.text
                == "\r\u{1B}[Kstaging\r\u{1B}[Kstillpoint: warning: look\n\r\u{1B}[Kstaging\r\u{1B}[K")
    }

    @Test func everyStepWhenVerbose() async {
        let run = await Run("create / -v", .init(steps: ["staging", "cutting"]))
        #expect(run.messages == "stillpoint: staging\nstillpoint: cutting\n")
        #expect(await Run("create /", .init(steps: ["staging"])).messages.isEmpty)
    }
}
