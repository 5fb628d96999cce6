import Glibc
import GuardProtocol
import LinuxSystem
import SystemPackage

/// LVM's lock of one volume group, waited for no longer than asked. Gives it back when it goes.
final class VolumeGroupLockHolder {
    private let lock: VolumeGroupLock

    /// - Parameter shared: the watcher holds it, too.
    /// - Throws: EINTR when the time is over.
    init(_ plan: GuardPlan.GroupLock, maxMs: UInt64, shared: SharedLocks? = nil) throws(Errno) {
        // SIGALRM interrupts flock(2); again every 100 ms, should the first one come before the call.
        var timer = itimerval()
        timer.it_value = timeval(tv_sec: Int(maxMs / 1000), tv_usec: Int(maxMs % 1000) * 1000 + 1)
        timer.it_interval = timeval(tv_sec: 0, tv_usec: 100_000)
        setitimer(__itimer_which_t(0), &timer, nil)
        defer {
            timer = itimerval()
            setitimer(__itimer_which_t(0), &timer, nil)
        }
        lock = try VolumeGroupLock.acquire(
            directory: FilePath(plan.directory), volumeGroup: plan.volumeGroup, auxiliary: plan.auxiliary)
        try shared?.offer(lock.descriptor)
    }
}
