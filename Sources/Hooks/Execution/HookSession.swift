import Dispatch
import FoundationEssentials
import Glibc
import LinuxSystem
public import SetModel
import Synchronization
public import SystemPackage

/// A supervisor at work, seen from the engine.
///
/// When the supervisor dies, another one ends what it left and runs `post`. The end of a session lets go of everything.
public final class HookSession: Sendable {
    /// What a supervisor is told that follows one that died.
    static let takingOver = "takes over"

    private struct Peer: Sendable {
        var socket: FileDescriptor
        var process: ChildProcess
        /// It was told that nothing more is asked of it.
        var isInterrupted = false
    }

    private let plan: HookPlan
    private let record: FilePath
    private let executable: FilePath
    private let peer: Mutex<Peer?>
    /// Applications are at rest, as far as the engine knows.
    private let isAtRest = Mutex(false)
    /// What was done when a supervisor died while nobody asked it for anything.
    private let late = Mutex<HookReport?>(nil)
    private let queue = DispatchQueue(label: "hooks")

    /// Starts a supervisor. Nothing is brought to rest yet.
    ///
    /// - Parameters:
    ///   - record: where its record is kept; on tmpfs.
    ///   - executable: the program that is a supervisor when its first argument is ``HookSupervisor/verb``.
    ///   - takesOver: A supervisor of the same run died, and left its record.
    public init(
        _ plan: HookPlan, record: FilePath, executable: FilePath = "/proc/self/exe", takesOver: Bool = false
    ) throws {
        self.plan = plan
        self.record = record
        self.executable = executable
        peer = Mutex(try Self.start(plan, record, executable, takesOver))
    }

    deinit { peer.withLock { if let peer = $0 { Self.end(peer) } } }

    /// Runs `pre` and `hold`. When the report says that it is not quiesced, `post` was run already. A task that is
    /// cancelled meanwhile has the step ended that runs; one that was cancelled before begins nothing.
    public func quiesce(attempt: Int) async -> HookReport {
        await withTaskCancellationHandler {
            await ask(.quiesce(attempt: attempt))
        } onCancel: {
            // The supervisor takes it for our end, ends the step and runs `post`.
            peer.withLock { peer in
                peer?.isInterrupted = true
                if let peer { shutdown(peer.socket.rawValue, Int32(SHUT_WR)) }
            }
        }
    }

    /// Ends `hold` and runs `post`.
    ///
    /// - Parameter consistency: what the set is, as far as it is known.
    public func release(consistency: Consistency?) async -> HookReport {
        await ask(.release(consistency: consistency))
    }

    /// Ends what a dead supervisor left, and runs `post`.
    public func takeOver() async -> HookReport { await ask(.takeOver) }

    /// Waits until the supervisor is gone, with its record. What the document left frozen was thawed: of a caller that
    /// does not say this the supervisor thaws it.
    public func end() async {
        await withCheckedContinuation { continuation in
            queue.async {
                if let peer = self.peer.withLock({ $0.take() }) {
                    if let bytes = try? JSONEncoder().encode(HookSupervisor.Request.end) {
                        _ = StreamFrames.write(bytes, to: peer.socket.rawValue)
                    }
                    try? peer.socket.close()
                    peer.process.wait(timeoutMs: 10_000)
                }
                continuation.resume()
            }
        }
    }

    private func ask(_ request: HookSupervisor.Request) async -> HookReport {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: self.exchange(request)) }
        }
    }

    private func exchange(_ request: HookSupervisor.Request) -> HookReport {
        if let report = late.withLock({ $0.take() }) { return report }
        isAtRest.withLock { $0 = false }
        let isAsked = tell(request)
        let isInterrupted = peer.withLock { $0?.isInterrupted } == true
        if !isAsked, isInterrupted, case .quiesce = request { return HookReport(isClean: false) }
        // One that had brought everything to rest when it was interrupted lets it go by itself, and tells of it.
        guard isAsked || isInterrupted, var report = answer() else { return replaceDead() }
        if !isAsked { report.isClean = false }
        if report.isQuiesced {
            isAtRest.withLock { $0 = true }
            watch()
        }
        return report
    }

    /// Takes over at once when the supervisor dies while the engine is at the cut: applications wait for it.
    private func watch() {
        guard let process = peer.withLock({ $0?.process }), process.pidfd >= 0 else { return }
        DispatchQueue.global().async { [weak self] in
            var entry = pollfd(fd: process.pidfd, events: Int16(POLLIN), revents: 0)
            while poll(&entry, 1, -1) < 0, errno == EINTR {}
            guard let self else { return }
            queue.async {
                let isDead = self.peer.withLock { $0?.process === process && $0?.isInterrupted == false }
                guard isDead, self.isAtRest.withLock({ $0 }) else { return }
                let report = self.replaceDead()
                self.late.withLock { $0 = report }
            }
        }
    }

    /// It died. Whatever it had brought to rest has to be let go.
    private func replaceDead() -> HookReport {
        isAtRest.withLock { $0 = false }
        peer.withLock { peer in
            if let peer { Self.end(peer) }
            peer = try? Self.start(plan, record, executable, true)
        }
        _ = tell(.takeOver)
        var report = answer() ?? HookReport()
        // Clean it is not in any case: its `pre` did not stand until the caller asked.
        report.isClean = false
        report.isQuiesced = false
        report.hasFired = true
        return report
    }

    /// - Returns: false when the supervisor cannot hear it any more: it then does nothing of it.
    private func tell(_ request: HookSupervisor.Request) -> Bool {
        guard let peer = peer.withLock({ $0 }), let bytes = try? JSONEncoder().encode(request) else { return false }
        return StreamFrames.write(bytes, to: peer.socket.rawValue)
    }

    /// - Returns: `nil` when the supervisor is dead.
    private func answer() -> HookReport? {
        guard let peer = peer.withLock({ $0 }) else { return nil }
        var entry = pollfd(fd: peer.socket.rawValue, events: Int16(POLLIN), revents: 0)
        while poll(&entry, 1, Int32(clamping: plan.answerLimitMs)) < 0, errno == EINTR {}
        guard entry.revents != 0 else {
            // Stopped, or stuck in the kernel: as good as dead.
            kill(peer.process.pid, SIGKILL)
            return nil
        }
        guard let answer = StreamFrames.read(peer.socket.rawValue) else { return nil }
        return try? JSONDecoder().decode(HookReport.self, from: Data(answer))
    }

    private static func start(
        _ plan: HookPlan, _ record: FilePath, _ executable: FilePath, _ takesOver: Bool
    ) throws -> Peer {
        let (own, child) = try ChildProcess.connected { socket throws(SystemCallError) in
            try ChildProcess.spawn(
                executable, arguments: [HookSupervisor.verb], standardInput: socket, inNewSession: true)
        }
        do {
            guard StreamFrames.write(try JSONEncoder().encode(plan), to: own.rawValue),
                StreamFrames.write(record.string.utf8, to: own.rawValue),
                StreamFrames.write((takesOver ? takingOver : "begins").utf8, to: own.rawValue),
                StreamFrames.read(own.rawValue) != nil
            else {
                child.wait(timeoutMs: 1000)
                throw SnapshotError(.failed, "the supervisor of the hooks cannot be run")
            }
            return Peer(socket: own, process: child)
        } catch {
            try? own.close()
            throw error
        }
    }

    private static func end(_ peer: Peer) {
        try? peer.socket.close()
        DispatchQueue.global().async { peer.process.wait(timeoutMs: -1) }
    }
}
