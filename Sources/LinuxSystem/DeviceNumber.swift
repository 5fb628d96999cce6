/// The number of a block device, or of a file system without one (major 0).
public struct DeviceNumber: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The driver: 12 bits in the kernel.
    public var major: UInt32
    /// The device of that driver: 20 bits in the kernel.
    public var minor: UInt32

    /// From its two parts.
    public init(major: UInt32, minor: UInt32) {
        self.major = major
        self.minor = minor
    }

    /// From `st_dev` or `st_rdev` of stat(2), split as gnu_dev_major(3) does.
    public init(_ device: UInt64) {
        major = UInt32(truncatingIfNeeded: (device >> 8) & 0xfff | (device >> 32) & 0xffff_f000)
        minor = UInt32(truncatingIfNeeded: device & 0xff | (device >> 12) & 0xffff_ff00)
    }

    /// From `M:m`, as sysfs and mountinfo write it; a trailing newline is accepted.
    public init?(_ text: some StringProtocol) {
        let line = text.last == "\n" ? text.dropLast() : text[...]
        let parts = line.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let major = Self.decimal(parts[0]), let minor = Self.decimal(parts[1]) else {
            return nil
        }
        self.init(major: major, minor: minor)
    }

    /// `UInt32.init` alone would take a sign.
    private static func decimal(_ text: some StringProtocol) -> UInt32? {
        text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? UInt32(text) : nil
    }

    /// True when there is no block device behind the number: btrfs, overlay, tmpfs, ... (fs/super.c, get_anon_bdev).
    public var isAnonymous: Bool { major == 0 }

    /// `253:4`
    public var description: String { "\(major):\(minor)" }

    /// By major number, then by minor number.
    public static func < (left: DeviceNumber, right: DeviceNumber) -> Bool {
        (left.major, left.minor) < (right.major, right.minor)
    }
}
