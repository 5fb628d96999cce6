import CLinux
import DeviceMapper
import Glibc
import GuardProtocol
import LinuxSystem
import SystemPackage

/// The guard's first process: does what the engine asks, and lets nothing stand longer than it was told.
final class Cutter {
    /// How long LVM's locks are held for an engine that says nothing: it may have been stopped from its terminal.
    private static let longestLockMs: Int32 = 60_000

    /// What the lanes do once everything is at rest.
    private enum Work { case probe, cut, hold }

    private let run: ArmedRun
    private let socket: PacketSocket
    private let watcher: Int32
    private let deadlineChanged: Event
    private let sharedLocks: SharedLocks
    private var locks: [VolumeGroupLockHolder] = []

    /// - Parameter watcher: a pidfd.
    init(_ run: ArmedRun, socket: PacketSocket, watcher: Int32, deadlineChanged: Event, sharedLocks: SharedLocks) {
        self.run = run
        self.socket = socket
        self.watcher = watcher
        self.deadlineChanged = deadlineChanged
        self.sharedLocks = sharedLocks
    }

    /// Serves requests until the engine dismisses the guard, or is gone.
    func serve() {
        let isDismissed = answerAll()
        locks = []
        Orphans(run: run).release(engineIsGone: !isDismissed)
    }

    /// - Returns: whether the engine dismissed the guard.
    private func answerAll() -> Bool {
        while let request = next() {
            StopPoint.reach("guard.request")
            switch request {
            case .arm: reply(.failed(GuardFailure(.plan, "")))
            case .probe(let maxMs, let foreign): answer(work(.probe, maxMs, foreignFreezeAllowed: foreign))
            case .lock(let maxMs): answer(lock(maxMs))
            case .unlock:
                locks = []
                reply(.ok)
            case .cut(let maxMs, let foreign, let ids): answer(cut(maxMs, foreign, ids))
            case .hold(let maxMs): answer(work(.hold, maxMs, foreignFreezeAllowed: false))
            case .release: reply(.ok)
            case .dismiss: return true
            }
        }
        return false
    }

    private func next() -> GuardRequest? {
        do {
            let packet = try socket.receive(timeoutMs: locks.isEmpty ? -1 : Self.longestLockMs)
            return try packet.map { try GuardRequest(decoding: $0) }
        } catch Errno.timedOut {
            locks = []
            return next()
        } catch {
            return nil
        }
    }

    private func reply(_ reply: GuardReply) {
        // An engine that is gone is noticed by the next read.
        try? socket.send(reply.encoded())
    }

    private func answer(_ failure: GuardFailure?) { reply(failure.map { .failed($0) } ?? .ok) }

    // MARK: LVM's locks

    private func lock(_ maxMs: UInt64) -> GuardFailure? {
        // Before the locks, since LVM may have to extend a pool that fills up.
        syncUntilShort(maxPasses: 5)
        let deadline = sp_monotonic_ns() + maxMs * 1_000_000
        for item in run.plan.locks {
            do {
                let now = sp_monotonic_ns()
                locks.append(
                    try VolumeGroupLockHolder(
                        item, maxMs: deadline > now ? (deadline - now) / 1_000_000 : 0,
                        shared: sharedLocks))
            } catch {
                locks = []
                return GuardFailure(.lock, item.volumeGroup, error == .interrupted ? 0 : error.rawValue)
            }
        }
        return nil
    }

    // MARK: The cut

    private func cut(_ maxMs: UInt64, _ foreignFreezeAllowed: Bool, _ snapshotThinIDs: [UInt32]) -> GuardFailure? {
        guard snapshotThinIDs.count == run.plan.volumes.count else { return GuardFailure(.plan, "") }
        guard locks.count == run.plan.locks.count else { return GuardFailure(.lockLost, "") }
        do {
            for unit in run.units {
                for tasks in unit.volumes { try tasks.setSnapshot(snapshotThinIDs[tasks.index]) }
            }
        } catch {
            return GuardFailure(.plan, error.description, error.errno.rawValue)
        }
        do { try run.checkUnchanged() } catch { return error }
        syncUntilShort(maxPasses: 1)
        for unit in run.units {
            for tasks in unit.volumes {
                tasks.entry.pointee.recut = 1
                let code = tasks.delete.attempt()
                if code != 0 { return run.explain(Failure(.delete, volume: tasks, code)) }
            }
        }
        StopPoint.reach("guard.deleted")
        var cookie = UdevCookie()
        do {
            for unit in run.units {
                for tasks in unit.volumes {
                    try cookie.attach(to: tasks.resume)
                    run.record.setUdevCookie(cookie.value)
                }
            }
        } catch {
            cookie.discard()
            run.record.setUdevCookie(0)
            return GuardFailure(.resume, error.device, error.errno.rawValue)
        }
        var failure = work(.cut, maxMs, foreignFreezeAllowed: foreignFreezeAllowed)
        let wanted = run.units.reduce(0) { $0 + $1.volumes.count }
        let done = run.units.reduce(0) { $0 + $1.resumed }
        for _ in done..<max(done, wanted) { cookie.abandon() }
        settle(cookie)
        // Until it was suspended, a volume that nothing was mounted on could be mounted and written to.
        if failure == nil {
            do { try run.checkUnchanged() } catch { failure = error }
        }
        return failure
    }

    /// FIFREEZE flushes what is dirty and cannot be interrupted: so flush before, until a pass is short.
    private func syncUntilShort(maxPasses: Int) {
        for _ in 0..<maxPasses {
            let begin = sp_monotonic_ns()
            let threads = run.units.compactMap { unit in try? Thread { unit.sync() } }
            for thread in threads { thread.join() }
            if sp_monotonic_ns() - begin < 200_000_000 { return }
        }
    }

    /// Waits for udev to process the resumes, for at most ten seconds: links are there when the engine goes on.
    private func settle(_ cookie: UdevCookie) {
        if !isProcessed(cookie) { cookie.discard() }
        run.record.setUdevCookie(0)
    }

    private func isProcessed(_ cookie: UdevCookie) -> Bool {
        guard let done = try? Event() else { return false }
        let waiter = try? Thread {
            cookie.wait()
            done.signal()
        }
        return waiter != nil && !ready([done.descriptor], timeoutMs: 10_000).isEmpty
    }

    private func work(_ work: Work, _ maxMs: UInt64, foreignFreezeAllowed: Bool) -> GuardFailure? {
        guard !run.record.hasFired else { return GuardFailure(.failsafe, "") }
        let gate = Gate(lanesPerLevel: work == .probe ? [run.units.count] : run.unitsPerLevel)
        let failures = Failures()
        guard let finished = try? Event() else { return GuardFailure(.memory, "", ENOMEM) }
        if work != .cut { syncUntilShort(maxPasses: 5) }
        var lanes: [Thread] = []
        for unit in run.units {
            // The gate opens when the deadline is set: until then no lane touches anything.
            let thread = try? Thread {
                Self.lane(unit, work, gate, failures, foreignFreezeAllowed)
                finished.signal()
            }
            guard let thread else {
                failures.add(Failure(.memory, ENOMEM))
                break
            }
            lanes.append(thread)
        }
        if lanes.count < run.units.count { gate.abort() }
        setDeadline(work == .hold ? maxMs + 500 : maxMs)
        let own = work == .hold ? maxMs : maxMs - min(maxMs / 5, 500)
        supervise(gate, lanes, finished, failures, until: sp_monotonic_ns() + own * 1_000_000, isHold: work == .hold)
        for lane in lanes { lane.join() }
        if work == .cut { checkForeign(failures) }
        setDeadline(nil)
        if run.record.hasFired {
            failures.add(Failure(.failsafe))
            run.record.setPhase(.released)
        }
        return failures.first.map(run.explain)
    }

    private static func lane(
        _ unit: Unit, _ work: Work, _ gate: Gate, _ failures: Failures, _ foreignFreezeAllowed: Bool
    ) {
        func report(_ failure: Failure?) {
            guard let failure else { return }
            if failure.step == .foreignFreeze, foreignFreezeAllowed { return }
            failures.add(failure)
            gate.abort()
        }
        let level = work == .probe ? 0 : unit.level
        guard gate.enter(level: level) else { return }
        if work != .probe || unit.fileSystem != nil { report(unit.rest()) }
        StopPoint.reach("guard.frozen")
        gate.arrive(level: level)
        switch work {
        case .probe: break
        case .cut: if gate.pass() { report(unit.cut(unlessAborted: gate)) }
        case .hold: gate.hold()
        }
        StopPoint.reach("guard.cut")
        if let failure = unit.wake() { failures.add(failure) }
    }

    /// Waits for the lanes; ends the work when the deadline passes or the watcher dies.
    private func supervise(
        _ gate: Gate, _ lanes: [Thread], _ finished: Event, _ failures: Failures, until deadline: UInt64,
        isHold: Bool
    ) {
        gate.start()
        var done = 0
        var watcherLives = true
        var isOver = false
        var isStuck = false
        var isAnnounced = false
        while done < lanes.count {
            let now = sp_monotonic_ns()
            var timeout = isOver ? Int32(200) : Int32(clamping: deadline > now ? (deadline - now) / 1_000_000 + 1 : 0)
            if isHold { timeout = min(timeout, 100) }
            let descriptors = [finished.descriptor] + (watcherLives ? [watcher] : [])
            let events = ready(descriptors, timeoutMs: timeout)
            done += finished.drain()
            if watcherLives, events.contains(watcher) {
                watcherLives = false
                isOver = true
                failures.add(Failure(.watcherDied))
                gate.abort()
            }
            if isHold, !isAnnounced, gate.isPassed {
                // The caller may go: the freeze stands, and ends by itself.
                isAnnounced = true
                reply(.ok)
            }
            if isHold, !isOver, sp_atomic_load(&run.record.header.pointee.release) != 0 {
                isOver = true
                gate.release()
            }
            if isOver, !isStuck, events.isEmpty, done < lanes.count {
                isStuck = true
                reply(.stuck(run.explain(failures.first ?? Failure(.deadline))))
            }
            if isOver, !isHold, done < lanes.count {
                // A suspend that waits for I/O gives up on a signal, which may come before the call; FIFREEZE does not.
                for lane in lanes { lane.interrupt() }
            }
            guard !isOver, sp_monotonic_ns() >= deadline, done < lanes.count else { continue }
            isOver = true
            if isHold, gate.isPassed {
                gate.release()
            } else {
                let slow = run.units.first { $0.isComing } ?? run.units.first
                failures.add(slow.map { Failure(.deadline, unit: $0) } ?? Failure(.deadline))
                gate.abort()
            }
        }
    }

    private func checkForeign(_ failures: Failures) {
        for unit in run.units where unit.isForeign && !unit.stillForeign() {
            failures.add(Failure(.lostFreeze, unit: unit))
        }
    }

    /// - Parameter milliseconds: from now; `nil` when nothing stands any more.
    private func setDeadline(_ milliseconds: UInt64?) {
        run.record.header.pointee.deadline_ns = milliseconds.map { sp_monotonic_ns() + $0 * 1_000_000 } ?? 0
        deadlineChanged.signal()
    }
}

/// What went wrong in the lanes; the first is the cause.
final class Failures: @unchecked Sendable {
    private var items: [Failure] = []
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

    init() {
        pthread_mutex_init(mutex, nil)
        items.reserveCapacity(64)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    func add(_ failure: Failure) {
        pthread_mutex_lock(mutex)
        items.append(failure)
        pthread_mutex_unlock(mutex)
    }

    var first: Failure? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return items.first
    }
}
