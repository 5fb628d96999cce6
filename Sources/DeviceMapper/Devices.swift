import CDeviceMapper
public import LinuxSystem

/// What the kernel says of one device (`DM_DEV_STATUS`).
public struct DeviceInfo: Sendable, Equatable {
    public var number: DeviceNumber
    public var isSuspended: Bool
    public var isReadOnly: Bool
    public var openCount: Int
}

/// One target of a device's table or status.
public struct DeviceTarget: Sendable, Equatable {
    /// In sectors of 512 bytes.
    public var start: UInt64
    public var length: UInt64
    /// `thin`, `thin-pool`, `crypt`, `linear`, ...
    public var kind: String
    public var parameters: String
}

/// Single operations on device-mapper devices. From one thread at a time: libdevmapper keeps static state.
public enum Devices {
    /// `nil` when there is no such device.
    public static func info(_ address: DeviceAddress) throws(DeviceMapperError) -> DeviceInfo? {
        let task = try DeviceTask.make(.info, "info", address)
        try task.run(on: address)
        var info = dm_info()
        try task.set(dm_task_get_info(task.handle, &info), address)
        guard info.exists != 0 else { return nil }
        return DeviceInfo(
            number: DeviceNumber(major: info.major, minor: info.minor), isSuspended: info.suspended != 0,
            isReadOnly: info.read_only != 0, openCount: Int(info.open_count))
    }

    /// Name and UUID of a device that exists.
    public static func identity(
        _ number: DeviceNumber
    ) throws(DeviceMapperError) -> (name: String, uuid: String) {
        let task = try DeviceTask.make(.info, "info", .number(number))
        try task.run(on: .number(number))
        return (text(dm_task_get_name(task.handle)), text(dm_task_get_uuid(task.handle)))
    }

    /// The live table.
    public static func table(_ address: DeviceAddress) throws(DeviceMapperError) -> [DeviceTarget] {
        try targets(try DeviceTask.make(.table, "table", address), address)
    }

    public static func status(_ address: DeviceAddress) throws(DeviceMapperError) -> [DeviceTarget] {
        try targets(try DeviceTask.make(.status, "status", address), address)
    }

    /// Sends a target message (`DM_TARGET_MSG`).
    public static func message(_ text: String, to address: DeviceAddress) throws(DeviceMapperError) {
        let task = try DeviceTask.make(.message, "message", address)
        try task.setMessage(text)
        do { try task.run(on: address) } catch {
            throw DeviceMapperError(
                operation: "message \"\(text)\"", device: error.device, errno: error.errno, detail: error.detail)
        }
    }

    /// Resumes a device and waits for udev.
    public static func resume(_ address: DeviceAddress) throws(DeviceMapperError) {
        let task = try DeviceTask.make(.resume, "resume", address)
        try withCookie(task, address)
    }

    /// Resumes a device; whoever has the cookie waits for udev.
    public static func resume(_ address: DeviceAddress, _ cookie: inout UdevCookie) throws(DeviceMapperError) {
        let task = try DeviceTask.make(.resume, "resume", address)
        try cookie.attach(to: task)
        try task.run(on: address)
    }

    /// Creates and activates a device.
    public static func create(
        name: String, uuid: String, table: [DeviceTarget], readOnly: Bool
    ) throws(DeviceMapperError) {
        let address = DeviceAddress.name(name)
        let task = try DeviceTask.make(.create, "create", address)
        try task.set(dm_task_set_uuid(task.handle, uuid), address)
        if readOnly { try task.set(dm_task_set_ro(task.handle), address) }
        for target in table {
            try task.set(
                dm_task_add_target(task.handle, target.start, target.length, target.kind, target.parameters), address)
        }
        try withCookie(task, address)
    }

    public static func remove(_ address: DeviceAddress) throws(DeviceMapperError) {
        let task = try DeviceTask.make(.remove, "remove", address)
        try task.set(dm_task_retry_remove(task.handle), address)
        try withCookie(task, address)
    }

    static func withCookie(
        _ task: borrowing DeviceTask, _ address: DeviceAddress
    ) throws(DeviceMapperError) {
        var cookie = UdevCookie()
        try cookie.attach(to: task)
        // dm_task_run completes the cookie itself when it fails.
        defer { cookie.wait() }
        try task.run(on: address)
    }

    private static func targets(
        _ task: borrowing DeviceTask, _ address: DeviceAddress
    ) throws(DeviceMapperError) -> [DeviceTarget] {
        try task.run(on: address)
        var result: [DeviceTarget] = []
        var next: UnsafeMutableRawPointer?
        repeat {
            var start: UInt64 = 0
            var length: UInt64 = 0
            var kind: UnsafeMutablePointer<CChar>?
            var parameters: UnsafeMutablePointer<CChar>?
            next = dm_get_next_target(task.handle, next, &start, &length, &kind, &parameters)
            guard let kind else { continue }
            result.append(
                DeviceTarget(start: start, length: length, kind: String(cString: kind), parameters: text(parameters)))
        } while next != nil
        return result
    }

    private static func text(_ pointer: UnsafePointer<CChar>?) -> String {
        pointer.map { String(cString: $0) } ?? ""
    }
}
