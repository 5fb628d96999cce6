import Dispatch
import Glibc
import LinuxSystem
import Synchronization
public import SystemPackage

/// A running ``LVMWorker``, seen from outside: does one job after the other.
///
/// Ends with the last reference.
public final class WorkerProcess: Sendable {
    private enum State {
        case idle
        case running(FileDescriptor, ChildProcess)
    }

    private let executable: FilePath
    private let environment: [String: String]
    private let state = Mutex(State.idle)
    private let queue = DispatchQueue(label: "lvm-worker")

    /// - Parameters:
    ///   - executable: The program that is a worker when its first argument is ``LVMWorker/verb``; this program itself
    ///     by default, also when its file was replaced meanwhile.
    ///   - systemDirectory: LVM_SYSTEM_DIR, where lvm.conf is; `nil` for /etc/lvm.
    public init(executable: FilePath = "/proc/self/exe", systemDirectory: FilePath? = nil) {
        // Numbers with a point, messages in English.
        var variables = ["LC_ALL": "C", "LVM_SUPPRESS_FD_WARNINGS": "1"]
        variables["LVM_SYSTEM_DIR"] = systemDirectory?.string
        environment = variables
        self.executable = executable
    }

    deinit {
        if case .running(let socket, let child) = state.withLock({ $0 }) { Self.end(socket, child) }
    }

    /// The process ends when its socket does, and is waited for, late, so that nothing is left of it.
    private static func end(_ socket: FileDescriptor, _ child: ChildProcess) {
        try? socket.close()
        DispatchQueue.global().async { child.wait(timeoutMs: -1) }
    }

    /// Starts the process as a fork of this one, which must have a single thread still. It gets ready while the caller
    /// does. A later one, after a death, executes the program anew.
    public func fork() {
        let environment = environment
        let started = try? ChildProcess.connected { socket throws(SystemCallError) in
            try ChildProcess.fork(named: LVMWorker.verb, environment: environment, standardInput: socket) {
                LVMWorker.main()
            }
        }
        if let (socket, child) = started { state.withLock { $0 = .running(socket, child) } }
    }

    private func running() throws(LVMError) -> (FileDescriptor, ChildProcess) {
        let result = state.withLock { state -> Result<(FileDescriptor, ChildProcess), LVMError> in
            if case .running(let socket, let child) = state { return .success((socket, child)) }
            do {
                let (socket, child) = try Self.start(executable, environment)
                state = .running(socket, child)
                return .success((socket, child))
            } catch {
                return .failure(
                    LVMError(
                        .workerFailed, "the LVM worker \(executable) cannot be run",
                        cause: String(describing: error)))
            }
        }
        return try result.get()
    }

    private static func start(
        _ executable: FilePath, _ environment: [String: String]
    ) throws -> (FileDescriptor, ChildProcess) {
        try ChildProcess.connected { socket throws(SystemCallError) in
            // Ctrl-C of the terminal is for the caller to handle.
            try ChildProcess.spawn(
                executable, arguments: [LVMWorker.verb], environment: environment, standardInput: socket,
                inNewSession: true)
        }
    }

    /// - Parameter timeLimit: for the whole job. Waiting for LVM's locks counts.
    func perform(_ job: LVMJob, timeLimit: Duration) async throws(LVMError) -> LVMJobReport {
        // A thread of its own: the concurrency runtime has few, and reading blocks. Whoever is cancelled meanwhile
        // gets the answer all the same: a job that was begun is finished.
        let result: Result<LVMJobReport, LVMError> = await withCheckedContinuation { continuation in
            queue.async {
                continuation.resume(returning: Result { () throws(LVMError) in try self.exchange(job, timeLimit) })
            }
        }
        return try result.get()
    }

    private func exchange(_ job: LVMJob, _ timeLimit: Duration) throws(LVMError) -> LVMJobReport {
        let (socket, process) = try running()
        func dead() -> LVMError {
            // The next job gets another worker.
            state.withLock { $0 = .idle }
            Self.end(socket, process)
            return LVMError(.workerFailed, "the LVM worker died", command: job.commands.first ?? [])
        }
        guard StreamFrames.write(job.encoded, to: socket.rawValue), let answer = StreamFrames.read(socket.rawValue),
            let child = pid_t(String(decoding: answer, as: UTF8.self))
        else { throw dead() }
        let isLate = !isReady(socket, within: timeLimit)
        // 0 would be the group of this process.
        if isLate, child > 0 {
            // While LVM waits for a lock a TERM makes it give up; while it changes something it blocks all signals, and
            // it should be left to finish.
            kill(child, SIGTERM)
            if !isReady(socket, within: .seconds(60)) { kill(child, SIGKILL) }
        }
        let late = LVMError(.timedOut, "LVM did not finish within \(timeLimit)", command: job.commands.first ?? [])
        // A process that waits for a disk does not even die.
        guard !isLate || isReady(socket, within: .seconds(10)) else {
            _ = dead()
            throw late
        }
        guard let report = StreamFrames.read(socket.rawValue) else { throw dead() }
        guard !isLate else { throw late }
        guard let result = LVMJobReport(report) else {
            throw LVMError(.badReport, "the LVM worker's report cannot be read")
        }
        return result
    }

    private func isReady(_ socket: FileDescriptor, within limit: Duration) -> Bool {
        var entry = pollfd(fd: socket.rawValue, events: Int16(POLLIN), revents: 0)
        let end = ContinuousClock.now + limit
        while true {
            let left = end - ContinuousClock.now
            let milliseconds = left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000
            let count = poll(&entry, 1, Int32(clamping: max(0, milliseconds)))
            if count >= 0 { return count > 0 }
        }
    }
}
