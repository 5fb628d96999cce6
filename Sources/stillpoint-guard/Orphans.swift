import DeviceMapper
import Glibc
import GuardProtocol
import LinuxSystem
import SystemPackage

/// Origins that an LVM job left suspended because it was killed in the middle of a snapshot.
///
/// LVM suspends an origin with its file system frozen. The engine may have been killed together with the job, and when
/// `/` is the origin, it may wait for `/` itself: so the guard, which needs no file, releases them when it ends.
struct Orphans {
    let run: ArmedRun

    /// - Parameter engineIsGone: then a job of it may still be at work, and is waited for.
    func release(engineIsGone: Bool) {
        guard !run.plan.volumes.isEmpty, engineIsGone || !suspended.isEmpty else { return }
        // A job waits for LVM's locks, and LVM for disks: as long as it lives it is not ours to judge.
        let twentyMinutes: UInt64 = 20 * 60 * 1000
        guard let workers = try? FileLock.exclusive(FilePath(run.plan.workerLock), within: twentyMinutes) else {
            return
        }
        resume()
        // Only now: no job begins before.
        workers.release()
    }

    private func resume() {
        guard !suspended.isEmpty else { return }
        // Any other LVM command has ended, too, when its lock is free.
        var locks: [VolumeGroupLockHolder] = []
        for item in run.plan.locks {
            guard let lock = try? VolumeGroupLockHolder(item, maxMs: 60_000) else { return }
            locks.append(lock)
        }
        for tasks in suspended { _ = tasks.release.attempt() }
    }

    private var suspended: [VolumeTasks] {
        run.units.flatMap(\.volumes).filter { tasks in
            let item = run.plan.volumes[tasks.index]
            return (try? Devices.identity(item.device).uuid) == item.uuid
                && (try? Devices.info(.number(item.device)))??.isSuspended == true
        }
    }
}
