import CLinux
import Glibc
import GuardProtocol
import LinuxSystem
import SystemPackage

// Started by the engine with one end of a socket pair as standard input, and nothing else open.

Hardening.ignoreSignals()
Hardening.detach()
ControlGroup.leaveOwn()
StopPoint.prepare()
sp_heap_keep(1 << 20)

let socket = PacketSocket(adopting: .standardInput)

func refuse(_ failure: GuardFailure) -> Never {
    try? socket.send(GuardReply.failed(failure).encoded())
    exit(1)
}

guard let packet = try? socket.receive(), case .arm(let plan)? = try? GuardRequest(decoding: packet) else {
    refuse(GuardFailure(.plan, ""))
}

/// The record goes when nothing stands any more; else it stays, for `recover`.
func end(_ run: ArmedRun) -> Never {
    let stands = run.record.standsStill
    if !stands { unlink(run.plan.recordPath) }
    exit(stands ? 1 : 0)
}

let run: ArmedRun
do { run = try ArmedRun(plan) } catch { refuse(error) }
// libdevmapper keeps a buffer of 16 KiB for each task that was run.
sp_heap_keep((1 << 20) + plan.volumes.count * 128 * 1024)

do {
    StopPoint.reach("guard.opened")
    let deadlineChanged = try Event()
    let sharedLocks = try SharedLocks()
    let watcherIsReady = try Event()
    let cutter = sp_pidfd_open(getpid())
    let child = sp_fork()
    guard cutter >= 0, child >= 0 else { throw Errno(rawValue: errno) }

    if child == 0 {
        // The socket's other end must see the cutter's death.
        _ = close(STDIN_FILENO)
        Hardening.protect(name: "sp-watcher")
        let watcher = try Watcher(run, cutter: cutter, deadlineChanged: deadlineChanged, sharedLocks: sharedLocks)
        try Hardening.lockMemory()
        watcherIsReady.signal()
        StopPoint.reach("watcher.ready")
        watcher.watch()
        end(run)
    }

    let watcher = sp_pidfd_open(child)
    Hardening.protect(name: "sp-cutter")
    do { try Hardening.lockMemory() } catch { throw GuardFailure(.memory, "", error.rawValue) }
    guard watcher >= 0, !ready([watcherIsReady.descriptor, watcher], timeoutMs: 30_000).contains(watcher),
        watcherIsReady.drain() > 0
    else { throw GuardFailure(.watcher, "") }

    try socket.send(GuardReply.ok.encoded())
    StopPoint.reach("guard.armed")
    Cutter(run, socket: socket, watcher: watcher, deadlineChanged: deadlineChanged, sharedLocks: sharedLocks).serve()
    run.record.setPhase(.released)
    end(run)
} catch let failure as GuardFailure {
    unlink(plan.recordPath)
    refuse(failure)
} catch {
    unlink(plan.recordPath)
    refuse(GuardFailure(.watcher, "", (error as? Errno)?.rawValue ?? 0))
}
