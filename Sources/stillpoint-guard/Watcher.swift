import CLinux
import DeviceMapper
import Glibc
import GuardProtocol
import SystemPackage

/// The guard's second process: releases everything when the cutter dies, or when the deadline passes and something
/// still stands.
///
/// A lane per unit is made in advance, since one thaw may have to wait for a flush and must not hold up the others.
final class Watcher: @unchecked Sendable {
    private let run: ArmedRun
    private let cutter: Int32
    private let deadlineChanged: Event
    private let sharedLocks: SharedLocks
    private let fire: Gate
    private let finished: Event
    private let cutterIsDead = UnsafeMutablePointer<UInt32>.allocate(capacity: 1)

    /// - Parameters:
    ///   - cutter: a pidfd.
    ///   - deadlineChanged: signalled by the cutter when it stored another deadline in the record.
    init(_ run: ArmedRun, cutter: Int32, deadlineChanged: Event, sharedLocks: SharedLocks) throws(Errno) {
        self.run = run
        self.cutter = cutter
        self.deadlineChanged = deadlineChanged
        self.sharedLocks = sharedLocks
        fire = Gate(lanesPerLevel: [1])
        finished = try Event()
        cutterIsDead.initialize(to: 0)
        DeviceMapperLibrary.withoutUdevSynchronisation()
        for unit in run.units { _ = try Thread { self.lane(unit) } }
    }

    private func lane(_ unit: Unit) {
        fire.hold()
        var pauseMs = 5
        while true {
            let isFinal = sp_atomic_load(cutterIsDead) != 0
            if unit.releaseForCutter(cutterIsDead: isFinal), isFinal || isReleased { break }
            var pause = timespec(tv_sec: 0, tv_nsec: pauseMs * 1_000_000)
            nanosleep(&pause, nil)
            // What cannot be thawed at once is waited for, and does not take the processor from what it needs.
            pauseMs = min(pauseMs * 2, 200)
        }
        finished.signal()
    }

    private var isReleased: Bool { run.record.phase == .released }

    /// Watches until the cutter is gone and nothing stands.
    func watch() {
        var hasFired = false
        let events = [cutter, deadlineChanged.descriptor, sharedLocks.descriptor]
        while !ready(events, timeoutMs: timeout(hasFired)).contains(cutter) {
            sharedLocks.adopt()
            if deadlineChanged.drain() > 0 { continue }
            guard !hasFired, isOverdue, standsStill else { continue }
            hasFired = true
            release()
        }
        sp_atomic_store(cutterIsDead, 1)
        defer { discardUdevCookie() }
        if !hasFired {
            guard standsStill else { return }
            release()
        }
        var done = 0
        while done < run.units.count {
            _ = ready([finished.descriptor], timeoutMs: -1)
            done += finished.drain()
        }
    }

    /// Of a cutter that was killed; one that ended by itself left none.
    private func discardUdevCookie() {
        UdevCookie(run.record.udevCookie).discard()
        run.record.setUdevCookie(0)
    }

    private func release() {
        sp_atomic_store(&run.record.header.pointee.fired, 1)
        fire.release()
    }

    private var isOverdue: Bool {
        let deadline = run.record.header.pointee.deadline_ns
        return deadline != 0 && sp_monotonic_ns() >= deadline
    }

    private var standsStill: Bool { run.record.standsStill }

    /// Milliseconds to the deadline, rounded up; -1 without one.
    private func timeout(_ hasFired: Bool) -> Int32 {
        let deadline = run.record.header.pointee.deadline_ns
        guard deadline != 0, !hasFired else { return -1 }
        let now = sp_monotonic_ns()
        if now >= deadline { return standsStill ? 0 : 50 }
        return Int32(clamping: (deadline - now) / 1_000_000 + 1)
    }
}
