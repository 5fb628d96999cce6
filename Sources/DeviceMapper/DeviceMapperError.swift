public import SystemPackage

/// A device-mapper operation that failed.
public struct DeviceMapperError: Error, Sendable, CustomStringConvertible {
    /// The operation in libdevmapper's words: `suspend`, `resume`, `message create_snap 5 2`, ...
    public var operation: String
    /// The device as it was addressed: a name, a UUID or `major:minor`.
    public var device: String
    public var errno: Errno
    /// What libdevmapper itself had to say, empty when nothing.
    public var detail: String

    public var description: String {
        "device-mapper \(operation) on \(device): \(errno)" + (detail.isEmpty ? "" : " (\(detail))")
    }
}
