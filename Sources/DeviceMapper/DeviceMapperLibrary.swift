import CDeviceMapper
import CLinux

/// libdevmapper's process-wide settings.
public enum DeviceMapperLibrary {
    private static let prepared: Void = {
        dm_log_with_errno_init(unsafeBitCast(sp_dm_log_collector(), to: OpaquePointer.self))
        dm_hold_control_dev(1)
    }()

    /// Silences the library (messages are kept for errors) and holds /dev/mapper/control open. Done once.
    public static func prepare() { _ = prepared }

    /// Whether the kernel answers: opens /dev/mapper/control, which may load dm-mod.
    public static var isAvailable: Bool {
        guard let task = try? DeviceTask.make(.version, "version") else { return false }
        return task.attempt() == 0
    }

    /// A process that must never wait for udev sends its events without a cookie to complete; udev's rules still run.
    public static func withoutUdevSynchronisation() { dm_udev_set_sync_support(0) }
}
