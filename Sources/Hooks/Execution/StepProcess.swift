import CLinux
import FoundationEssentials
import Glibc
import LinuxSystem
import SetModel
import SystemPackage

/// A step that runs.
final class StepProcess {
    let step: HookStep
    let stage: HookStage
    let pid: pid_t
    let pidfd: Int32
    private let group: ControlGroup?
    private let begin = ContinuousClock.now
    private let startedAt = Date()
    private var timesOutAt: Date?
    private(set) var output = OutputTail(limit: OutputTail.standard)
    private(set) var errors = OutputTail(limit: OutputTail.errors)
    /// -1 when the other side closed it.
    private(set) var outputEnd: Int32
    private(set) var errorEnd: Int32
    /// Its standard input; -1 for /dev/null.
    private var inputEnd: Int32
    private(set) var status: Int32?

    /// Why a step could not be started.
    struct StartError: Error { var reason: String }

    /// - Parameter group: its own, in which it and all that it starts live; `nil` where there are none.
    init(
        _ step: HookStep, _ stage: HookStage, variables: [String: String], users: [String: StepUser],
        group: ControlGroup?, hasInput: Bool = false
    ) throws(StartError) {
        let launch = try StepLaunch(step, variables, users: users)
        self.step = step
        self.stage = stage
        self.group = group.flatMap { $0.make() ? $0 : nil }
        let output = try Pipe()
        let errors = try Pipe()
        let input = hasInput ? try Pipe() : nil
        let groupDescriptor = self.group?.open() ?? -1
        defer {
            close(output.write)
            close(errors.write)
            if let input { close(input.read) }
            if groupDescriptor >= 0 { close(groupDescriptor) }
        }
        pid = try launch.start(
            input: input?.read ?? -1, output: output.write, errors: errors.write, group: groupDescriptor)
        pidfd = sp_pidfd_open(pid)
        outputEnd = output.read
        errorEnd = errors.read
        inputEnd = input?.write ?? -1
        for end in [outputEnd, errorEnd] { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
    }

    deinit {
        for descriptor in [pidfd, outputEnd, errorEnd, inputEnd] where descriptor >= 0 { close(descriptor) }
        waitpid(pid, nil, WNOHANG)
    }

    var hasEnded: Bool { status != nil }

    var durationMs: Double {
        let time = (ContinuousClock.now - begin).components
        return Double(time.seconds) * 1000 + Double(time.attoseconds / 1_000_000_000_000) / 1000
    }

    /// Says when it will be ended, for whoever reads of it.
    func note(limit: ContinuousClock.Instant) {
        timesOutAt = startedAt.addingTimeInterval((limit - begin) / .seconds(1))
    }

    /// What is there to be read now, at most a part of it: nobody may keep the caller busy.
    ///
    /// - Returns: what came on standard output.
    func read() -> [UInt8] {
        var new: [UInt8] = []
        for isOutput in [true, false] {
            let end = isOutput ? outputEnd : errorEnd
            guard end >= 0 else { continue }
            var buffer = [UInt8](repeating: 0, count: 65536)
            for _ in 0..<16 {
                let count = Glibc.read(end, &buffer, buffer.count)
                if count > 0 {
                    if isOutput {
                        output.append(buffer[..<count])
                        new += buffer[..<count]
                    } else {
                        errors.append(buffer[..<count])
                    }
                    continue
                }
                if count < 0, errno == EINTR { continue }
                if count < 0, errno == EAGAIN { break }
                close(end)
                if isOutput { outputEnd = -1 } else { errorEnd = -1 }
                break
            }
        }
        return new
    }

    /// Takes note of its end, when it has ended. What it started may live on, and is known by its number: which stays
    /// its own as long as this object lives.
    func noteEnd() {
        var info = siginfo_t()
        guard status == nil, waitid(P_PID, id_t(pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0,
            info._sifields._sigchld.si_pid == pid
        else { return }
        // As wait(2) has it.
        let value = info._sifields._sigchld.si_status
        status = info.si_code == Int32(CLD_EXITED) ? value << 8 : value
        _ = read()
    }

    /// Tells a `hold` step that its time is over: a line `END`, and the end of its standard input.
    func tellEnd() {
        guard inputEnd >= 0 else { return }
        _ = write(inputEnd, "END\n", 4)
        close(inputEnd)
        inputEnd = -1
    }

    /// To it and its process group, as a session's leader has one.
    func signal(_ number: Int32) { if status == nil { Glibc.kill(-pid, number) } }

    /// What it started goes on, on its own.
    func letLive() { group?.disband() }

    /// Ends it and everything that it started.
    func destroy() {
        // Also when it has ended itself: its session may have more in it.
        Glibc.kill(-pid, SIGKILL)
        group?.kill()
    }

    func result(
        _ attempt: Int, _ secrets: [String], as status: HookResult.Status? = nil
    ) -> HookResult {
        var result = HookResult(stage: stage, attempt: attempt, name: step.id, status: status ?? .failed)
        if let value = self.status {
            if value & 0x7f == 0 {
                result.exitCode = (value >> 8) & 0xff
                result.reason = result.exitCode.flatMap(ExitCodeMeaning.of)
            } else {
                result.signal = value & 0x7f
            }
            if status == nil, result.exitCode == 0 { result.status = .succeeded }
        }
        result.durationMs = durationMs
        result.startedAt = startedAt
        result.timesOutAt = timesOutAt
        result.output = output.text(masking: secrets)
        result.errors = errors.text(masking: secrets)
        return result
    }
}

/// Two ends, closed on exec.
private struct Pipe {
    let read: Int32
    let write: Int32

    init() throws(StepProcess.StartError) {
        var ends: [Int32] = [-1, -1]
        guard sp_pipe(&ends) == 0 else {
            throw StepProcess.StartError(reason: "pipe: \(String(cString: strerror(errno)))")
        }
        (read, write) = (ends[0], ends[1])
    }
}
