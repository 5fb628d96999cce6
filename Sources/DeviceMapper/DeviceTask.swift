import CDeviceMapper
import CLinux
import Glibc
import LinuxSystem
import SystemPackage

/// One libdevmapper task (`dm_task_create` ... `dm_task_destroy`): prepared, then run, as often as wanted.
///
/// A task that is addressed by number, has no read-ahead and no node name touches no static state of libdevmapper in
/// `dm_task_run` once the control device is held open (libdm/ioctl/libdm-iface.c). So tasks that one thread
/// prepared may be run by several threads at the same time, one thread per task.
public struct DeviceTask: ~Copyable {
    /// The operations in use, with their values in libdevmapper.
    public enum Kind: Sendable {
        case create, remove, suspend, resume, info, table, status, list, message, version

        var value: Int32 {
            switch self {
            case .create: Int32(DM_DEVICE_CREATE)
            case .remove: Int32(DM_DEVICE_REMOVE)
            case .suspend: Int32(DM_DEVICE_SUSPEND)
            case .resume: Int32(DM_DEVICE_RESUME)
            case .info: Int32(DM_DEVICE_INFO)
            case .table: Int32(DM_DEVICE_TABLE)
            case .status: Int32(DM_DEVICE_STATUS)
            case .list: Int32(DM_DEVICE_LIST)
            case .message: Int32(DM_DEVICE_TARGET_MSG)
            case .version: Int32(DM_DEVICE_VERSION)
            }
        }
    }

    let handle: OpaquePointer
    let label: StaticString

    /// - Parameter label: what the task does, in words, for errors.
    public static func make(
        _ kind: Kind, _ label: StaticString, _ address: DeviceAddress? = nil
    ) throws(DeviceMapperError) -> DeviceTask {
        DeviceMapperLibrary.prepare()
        guard let handle = dm_task_create(kind.value) else {
            throw DeviceMapperError(
                operation: "\(label)", device: address?.description ?? "-", errno: .noMemory, detail: takeDetail())
        }
        let task = DeviceTask(handle: handle, label: label)
        switch address {
        case .number(let number):
            try task.set(dm_task_set_major(handle, Int32(number.major)), address)
            try task.set(dm_task_set_minor(handle, Int32(number.minor)), address)
        case .name(let name): try task.set(dm_task_set_name(handle, name), address)
        case .uuid(let uuid): try task.set(dm_task_set_uuid(handle, uuid), address)
        case nil: break
        }
        return task
    }

    private init(handle: OpaquePointer, label: StaticString) {
        self.handle = handle
        self.label = label
    }

    deinit { dm_task_destroy(handle) }

    /// The message of a `message` task, for the target that holds sector 0.
    public func setMessage(_ text: String) throws(DeviceMapperError) {
        try set(dm_task_set_sector(handle, 0), nil)
        try set(dm_task_set_message(handle, text), nil)
    }

    /// Suspend without freezing the file system above: it is frozen already, or it is none of ours.
    public func skipLockFS() throws(DeviceMapperError) { try set(dm_task_skip_lockfs(handle), nil) }

    /// One `dm_task_run`.
    ///
    /// - Returns: 0, or the errno of the ioctl. Allocates nothing of Swift's.
    public func attempt() -> Int32 {
        if dm_task_run(handle) != 0 { return 0 }
        let code = dm_task_get_errno(handle)
        return code != 0 ? code : EIO
    }

    /// One `dm_task_run`, with an error that says what failed.
    public func run(on device: DeviceAddress?) throws(DeviceMapperError) {
        let code = attempt()
        guard code != 0 else { return }
        throw DeviceMapperError(
            operation: "\(label)", device: device?.description ?? "-", errno: Errno(rawValue: code),
            detail: takeDetail())
    }

    func set(_ result: Int32, _ device: DeviceAddress?) throws(DeviceMapperError) {
        guard result == 0 else { return }
        throw DeviceMapperError(
            operation: "\(label)", device: device?.description ?? "-", errno: .invalidArgument, detail: takeDetail())
    }
}

func takeDetail() -> String { String(cString: sp_dm_take_error()) }
