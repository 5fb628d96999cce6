public import LinuxSystem

/// How a device is named to the kernel.
public enum DeviceAddress: Sendable, Hashable, CustomStringConvertible {
    case number(DeviceNumber)
    case name(String)
    case uuid(String)

    public var description: String {
        switch self {
        case .number(let number): number.description
        case .name(let name): name
        case .uuid(let uuid): uuid
        }
    }
}
