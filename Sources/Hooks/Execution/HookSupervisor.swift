import FoundationEssentials
import Glibc
import LinuxSystem
import SetModel
import SystemPackage

/// The process that runs hooks: `stillpoint hook-supervisor`. It outlives the engine when it has to: whatever it brought
/// to rest it lets go, also when nobody asks any more.
public enum HookSupervisor {
    /// The hidden verb that makes `stillpoint` a supervisor.
    public static let verb = "hook-supervisor"

    /// What the caller says, each in a frame.
    enum Request: Sendable, Codable, Equatable {
        case quiesce(attempt: Int)
        case release(consistency: Consistency?)
        /// A supervisor of the same run died: what it left is ended, and `post` is run.
        case takeOver
        /// The caller needs nothing more, and has thawed what was left frozen. Not answered.
        case end
    }

    /// Serves the socket that is its standard input: a plan with the path of its record, then requests, each answered
    /// with a report. To be called before any other thread exists.
    public static func main() -> Never {
        for number in [SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGPIPE] { signal(number, SIG_IGN) }
        ControlGroup.leaveOwn()
        guard let plan: HookPlan = receive(), let path = StreamFrames.read(STDIN_FILENO),
            let manner = StreamFrames.read(STDIN_FILENO)
        else { exit(1) }
        // What lies on a disk may lie on what the document froze: nothing of it is opened before `post` was run.
        let takesOver = manner == Array(HookSession.takingOver.utf8)
        let place = FilePath(String(decoding: path, as: UTF8.self))
        var record = try? HookRecord.create(plan, at: place)
        // One that was killed while the kernel held it keeps its lock a while longer.
        for _ in 0..<1000 where record == nil && takesOver {
            usleep(10_000)
            record = try? HookRecord.create(plan, at: place)
        }
        guard let record else { exit(1) }
        let lastingPath = plan.lastingRecord.map { FilePath($0) }
        let lasting =
            takesOver ? nil : lastingPath.flatMap { try? HookRecord.create(plan, at: $0, isLasting: true) }
        let isReady = takesOver || lastingPath == nil || lasting != nil
        let isHeard = isReady && StreamFrames.write("ready".utf8, to: STDIN_FILENO)
        // What a dead one left is let go also when whoever was to ask for it is gone.
        if isHeard || takesOver { serve(plan, takesOver: takesOver) }
        record.remove()
        lasting?.remove()
        if takesOver, let lastingPath { _ = lastingPath.withPlatformString { unlink($0) } }
        exit(0)
    }

    /// How long a cut may still be under way whose engine says nothing: the longest window, what the guard waits for
    /// after it, and as long as it holds LVM's locks for nobody; and some more.
    private static let longestCut = Duration.seconds(150)

    /// How the document ended.
    private enum Ending {
        /// The caller knows, and has to thaw what it left frozen.
        case told(HookReport)
        /// Its time was over, and nobody has asked yet. Since then something may stand that it left frozen, and that is to
        /// be thawed, but not under a cut; `nil`: nothing can.
        case fired(HookReport, since: ContinuousClock.Instant?)

        var report: HookReport {
            switch self {
            case .told(let report), .fired(let report, _): report
            }
        }
    }

    private static func serve(_ plan: HookPlan, takesOver: Bool) {
        let runner = HookRunner(plan, caller: STDIN_FILENO)
        var ending: Ending?
        /// Nobody is left who would look, unless it is one who was interrupted: that one reads what was done.
        func finish(_ report: HookReport?) {
            var isUntold = runner.isQuiesced
            guard var last = isUntold ? runner.release(consistency: nil) : report else { return }
            if case .fired = ending { isUntold = true }
            last.thawed += plan.mayLeaveFrozen?.thaw(postFailed: last.postFailed(plan.post.count)) ?? []
            if isUntold { _ = tell(last) }
        }
        while true {
            if case .fired(var report, let since?) = ending {
                if !runner.waitForCaller(for: .milliseconds(200)) {
                    let isLast = ContinuousClock.now - since > longestCut
                    if let thawed = thaw(plan, report, evenIfLocked: isLast) {
                        report.thawed = thawed
                        ending = .fired(report, since: nil)
                    }
                    continue
                }
            } else if !runner.waitForCaller(for: nil) {
                var report = runner.release(consistency: nil)
                report.hasFired = true
                ending = .fired(report, since: plan.mayLeaveFrozen == nil ? nil : ContinuousClock.now)
                continue
            }
            let unasked: Request? = takesOver && ending == nil && !runner.isQuiesced ? .takeOver : nil
            let asked: Request? = receive()
            guard let request = asked ?? unasked else { return finish(ending?.report) }
            let report: HookReport
            switch request {
            case .quiesce(let attempt):
                report = runner.quiesce(attempt: attempt)
            case .release(let consistency):
                if case .fired(let fired, _) = ending {
                    report = fired
                } else {
                    report = runner.release(consistency: consistency)
                }
            case .takeOver:
                HookRunner.destroyLeftovers(of: plan.run)
                report = runner.release(consistency: nil)
            case .end:
                if runner.isQuiesced { finish(nil) }
                return
            }
            ending = report.isQuiesced ? nil : .told(report)
            guard tell(report) else { return finish(report) }
        }
    }

    /// - Returns: `nil` when nothing was done, since somebody holds LVM's locks.
    private static func thaw(_ plan: HookPlan, _ report: HookReport, evenIfLocked: Bool) -> [String]? {
        guard let left = plan.mayLeaveFrozen else { return [] }
        let postFailed = report.postFailed(plan.post.count)
        // Who holds them for so long may be waiting for just that.
        return evenIfLocked ? left.thaw(postFailed: postFailed) : left.thawIfNobodyCuts(postFailed: postFailed)
    }

    private static func tell(_ report: HookReport) -> Bool {
        guard let bytes = try? JSONEncoder().encode(report) else { return false }
        return StreamFrames.write(bytes, to: STDIN_FILENO)
    }

    private static func receive<Message: Decodable>() -> Message? {
        StreamFrames.read(STDIN_FILENO).flatMap { try? JSONDecoder().decode(Message.self, from: Data($0)) }
    }
}
