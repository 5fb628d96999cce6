import CDeviceMapper
import CLinux

/// The semaphore by which udev tells that it has processed the events of a group of tasks.
///
/// It carries no `DM_UDEV_DISABLE_*` flag: with one, udev removes the `/dev/VG/LV` links of a resumed device.
public struct UdevCookie: Sendable {
    /// The semaphore's key; 0 before the first task.
    public private(set) var value: UInt32

    public init(_ value: UInt32 = 0) { self.value = value }

    /// `dm_task_set_cookie`: the task's event counts until udev, or ``abandon()``, completes it.
    public mutating func attach(to task: borrowing DeviceTask) throws(DeviceMapperError) {
        try task.set(dm_task_set_cookie(task.handle, &value, 0), nil)
    }

    /// Completes the event of one task that was never run (`dm_udev_complete`).
    public func abandon() { if value != 0 { _ = dm_udev_complete(value) } }

    /// Removes the semaphore, whatever is still outstanding (`semctl IPC_RMID`): it would outlive this process.
    public func discard() { if value != 0 { sp_semaphore_remove(value) } }

    /// `dm_udev_wait`: blocks until every event is processed, for as long as udev takes.
    public func wait() { if value != 0 { _ = dm_udev_wait(value) } }
}
