/// temporary
public struct DeviceNumber: Sendable, Hashable, CustomStringConvertible {
    public var major: UInt32
    public var minor: UInt32
    public init(major: UInt32, minor: UInt32) { self.major = major; self.minor = minor }
    public init?(_ text: String) {
        let p = text.split(separator: ":")
        guard p.count == 2, let a = UInt32(p[0]), let b = UInt32(p[1]) else { return nil }
        self.init(major: a, minor: b)
    }
    public var description: String { "\(major):\(minor)" }
}
