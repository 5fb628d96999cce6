import Glibc
import LinuxSystem
import SetModel

/// Runs the steps of a plan, in a process with a single thread.
///
/// From the beginning of ``quiesce(attempt:)`` until ``release(consistency:)`` returns, applications may be at rest.
final class HookRunner {
    /// Why a wait is over.
    private enum Event {
        case ended, timedOut, callerGone, line, silence
    }

    private let plan: HookPlan
    private let users: [String: StepUser]
    /// Whoever asked; when its other end is closed, steps are ended. -1 for nobody.
    private let caller: Int32
    /// Of `pre` and `hold`: nothing in it outlives `post`.
    private let group: ControlGroup
    /// Of `post`, which may start the very server that `pre` stopped.
    private let postGroup: ControlGroup
    private var steps = 0
    private var attempt = 1
    private var held: StepProcess?
    /// Steps that ended by themselves and may have left processes behind.
    private var left: [StepProcess] = []
    private(set) var isQuiesced = false
    private var quiesceEnd = ContinuousClock.now

    init(_ plan: HookPlan, caller: Int32) {
        self.plan = plan
        users = StepUser.all(of: plan.pre + [plan.hold].compactMap(\.self) + plan.post)
        self.caller = caller
        group = Self.group(of: plan.run)
        postGroup = Self.postGroup(of: plan.run)
    }

    private static func group(of run: String) -> ControlGroup { ControlGroup(named: "stillpoint-hooks-" + run) }
    private static func postGroup(of run: String) -> ControlGroup {
        ControlGroup(named: "stillpoint-hooks-" + run + "-post")
    }

    /// Runs `pre`, and starts `hold`. When one fails, `post` was run when this returns.
    func quiesce(attempt: Int) -> HookReport {
        self.attempt = attempt
        isQuiesced = true
        let begin = ContinuousClock.now
        quiesceEnd = begin + .milliseconds(plan.quiesceLimitMs)
        let end = min(begin + .milliseconds(plan.stageLimitMs), quiesceEnd)
        var report = HookReport()
        var hasFailed = false
        for step in plan.pre where !hasFailed {
            let result = run(step, .pre, consistency: nil, until: end)
            report.steps.append(result)
            if result.status != .succeeded {
                report.isClean = false
                hasFailed = step.onError == .fail || result.status == .interrupted
            }
        }
        if !hasFailed, let step = plan.hold {
            if let failure = hold(step, until: end) {
                report.steps.append(failure)
                report.isClean = false
                hasFailed = true
            }
        }
        if hasFailed {
            let rest = release(consistency: nil)
            report.steps += rest.steps
        }
        report.isQuiesced = isQuiesced
        return report
    }

    /// Ends `hold` and runs all of `post`, whatever becomes of each step.
    func release(consistency: Consistency?) -> HookReport {
        var report = HookReport()
        func limit() -> ContinuousClock.Instant { ContinuousClock.now + .milliseconds(plan.stageLimitMs) }
        if let process = held {
            held = nil
            let wasLost = process.hasEnded
            report.holdWasLost = wasLost
            // What does not end now must not keep `post` from running.
            let patience = min(process.step.timeout ?? .seconds(10), .milliseconds(plan.stageLimitMs))
            let result = finish(process, until: ContinuousClock.now + patience)
            report.steps.append(result)
            if wasLost || result.status != .succeeded { report.isClean = false }
        }
        for step in plan.post {
            // Each has the whole time: one that hangs takes nothing from the others.
            let result = run(step, .post, consistency: consistency, until: limit(), evenWithoutCaller: true)
            report.steps.append(result)
            if result.status != .succeeded { report.isClean = false }
        }
        cleanUp()
        isQuiesced = false
        return report
    }

    /// Waits until the caller says something, is gone, or the applications' time is over.
    ///
    /// - Parameter patience: no longer than that; for applications that are not at rest.
    /// - Returns: whether there is something to be read from the caller, or its end.
    func waitForCaller(for patience: Duration? = nil) -> Bool {
        let latest = patience.map { ContinuousClock.now + $0 }
        while true {
            let end = isQuiesced ? quiesceEnd : latest
            if let end, ContinuousClock.now >= end { return false }
            if poll(watching: held, until: end, callerCounts: true) { return true }
        }
    }

    /// Ends whatever a runner that died has left.
    static func destroyLeftovers(of run: String) {
        end(group(of: run))
        // Of a `post` that was not over: two of them must not run side by side.
        end(postGroup(of: run))
    }

    // MARK: One step

    private func run(
        _ step: HookStep, _ stage: HookStage, consistency: Consistency?, until end: ContinuousClock.Instant,
        evenWithoutCaller: Bool = false
    ) -> HookResult {
        let process: StepProcess
        do {
            process = try start(step, stage, consistency, hasInput: false)
        } catch {
            return notStarted(step, stage, error)
        }
        let limit = step.timeout.map { min(ContinuousClock.now + $0, end) } ?? end
        process.note(limit: limit)
        switch wait(for: process, until: limit, callerCounts: !evenWithoutCaller) {
        case .ended, .line, .silence:
            let result = process.result(attempt, plan.secrets)
            if stage != .post {
                left.append(process)
            } else if result.status == .succeeded {
                // What it started is meant to live, whatever becomes of the others.
                process.letLive()
            }
            return result
        case .timedOut:
            kill(process)
            return process.result(attempt, plan.secrets, as: .timedOut)
        case .callerGone:
            kill(process)
            return process.result(attempt, plan.secrets, as: .interrupted)
        }
    }

    /// Starts the `hold` step and waits for its line READY.
    ///
    /// - Returns: `nil` when it holds.
    private func hold(_ step: HookStep, until end: ContinuousClock.Instant) -> HookResult? {
        let process: StepProcess
        do {
            process = try start(step, .hold, nil, hasInput: true)
        } catch {
            return notStarted(step, .hold, error)
        }
        let limit = step.timeout.map { min(ContinuousClock.now + $0, end) } ?? end
        process.note(limit: limit)
        switch wait(for: process, until: limit, callerCounts: true, line: "READY") {
        case .line:
            held = process
            return nil
        case .ended:
            var result = process.result(attempt, plan.secrets, as: .failed)
            result.reason = result.reason ?? "it ended before it said READY"
            left.append(process)
            return result
        case .timedOut:
            kill(process)
            var result = process.result(attempt, plan.secrets, as: .timedOut)
            result.reason = "it did not say READY"
            return result
        case .silence:
            kill(process)
            var result = process.result(attempt, plan.secrets, as: .failed)
            result.reason = "it closed its standard output before it said READY"
            return result
        case .callerGone:
            kill(process)
            return process.result(attempt, plan.secrets, as: .interrupted)
        }
    }

    /// Lets the `hold` step end.
    private func finish(_ process: StepProcess, until end: ContinuousClock.Instant) -> HookResult {
        if process.hasEnded {
            left.append(process)
            var result = process.result(attempt, plan.secrets, as: .failed)
            result.reason = "it ended before the cut was over"
            return result
        }
        process.tellEnd()
        switch wait(for: process, until: end, callerCounts: false) {
        case .ended, .line, .silence, .callerGone:
            left.append(process)
            return process.result(attempt, plan.secrets)
        case .timedOut:
            kill(process)
            return process.result(attempt, plan.secrets, as: .timedOut)
        }
    }

    private func start(
        _ step: HookStep, _ stage: HookStage, _ consistency: Consistency?, hasInput: Bool
    ) throws(StepProcess.StartError) -> StepProcess {
        steps += 1
        return try StepProcess(
            step, stage,
            variables: plan.environment.variables(stage, attempt: attempt, consistency: consistency), users: users,
            group: (stage == .post ? postGroup : group).child("step-\(steps)"), hasInput: hasInput)
    }

    private func notStarted(_ step: HookStep, _ stage: HookStage, _ error: StepProcess.StartError) -> HookResult {
        HookResult(stage: stage, attempt: attempt, name: step.id, status: .failed, reason: error.reason)
    }

    /// SIGTERM, and a second later SIGKILL to everything that it started.
    private func kill(_ process: StepProcess) {
        process.signal(SIGTERM)
        let end = ContinuousClock.now + .seconds(1)
        while !process.hasEnded, ContinuousClock.now < end {
            _ = poll(watching: process, until: end, callerCounts: false)
        }
        process.destroy()
        let last = ContinuousClock.now + .seconds(2)
        while !process.hasEnded, ContinuousClock.now < last {
            _ = poll(watching: process, until: last, callerCounts: false)
        }
    }

    /// Nothing that a step started lives on when the applications run again.
    private func cleanUp() {
        for process in left { process.destroy() }
        left = []
        Self.end(group)
        postGroup.disband()
    }

    private static func end(_ group: ControlGroup) {
        group.kill()
        // Until the kernel has buried them; a process that waits for a disk stays.
        for _ in 0..<200 where group.isPopulated { usleep(10_000) }
        group.remove()
    }

    // MARK: Waiting

    private func wait(
        for process: StepProcess, until end: ContinuousClock.Instant, callerCounts: Bool, line: String? = nil
    ) -> Event {
        var finder = line.map { LineFinder($0) }
        var isFound = false
        var silentUntil: ContinuousClock.Instant?
        while true {
            let isCalled = poll(watching: process, until: silentUntil ?? end, callerCounts: callerCounts) { piece in
                if finder?.finds(piece) == true { isFound = true }
            }
            if isFound { return .line }
            if process.hasEnded { return .ended }
            if isCalled { return .callerGone }
            let now = ContinuousClock.now
            if now >= end { return .timedOut }
            if finder != nil, process.outputEnd < 0 {
                // A process that ends closes it a moment before.
                if let silentUntil, now >= silentUntil { return .silence }
                silentUntil = silentUntil ?? now + .seconds(1)
            }
        }
    }

    /// Waits for whatever happens next to a process, the held one, or the caller.
    ///
    /// - Parameter end: `nil`: for ever.
    /// - Returns: whether the caller said something, or is gone.
    private func poll(
        watching process: StepProcess?, until end: ContinuousClock.Instant?, callerCounts: Bool,
        read: ([UInt8]) -> Void = { _ in }
    ) -> Bool {
        var entries: [pollfd] = []
        func watch(_ descriptor: Int32) {
            if descriptor >= 0 { entries.append(pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)) }
        }
        var processes = [process, held].compactMap { $0 }
        if processes.count == 2, processes[0] === processes[1] { processes.removeLast() }
        for one in processes where !one.hasEnded {
            watch(one.pidfd)
            watch(one.outputEnd)
            watch(one.errorEnd)
        }
        if callerCounts { watch(caller) }
        let left = end.map { ($0 - ContinuousClock.now).milliseconds + 1 }
        let timeout = left.map { Int32(clamping: max(0, $0)) } ?? -1
        _ = Glibc.poll(&entries, nfds_t(entries.count), timeout)
        for one in processes where !one.hasEnded {
            let new = one.read()
            if one === process { read(new) }
            one.noteEnd()
        }
        return callerCounts && entries.contains { $0.fd == caller && $0.revents != 0 }
    }
}
