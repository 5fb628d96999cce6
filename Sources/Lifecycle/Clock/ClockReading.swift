public import FoundationEssentials

/// What a host's clocks show at one moment.
public struct ClockReading: Sendable, Codable, Equatable {
    /// What anybody can set.
    public var wall: Date
    /// Which boot it is: another one has another text.
    public var boot: String
    /// Seconds since that boot, also those in which the host slept: CLOCK_BOOTTIME. Nobody can set it.
    public var sinceBoot: TimeInterval
    /// The kernel knows of somebody who keeps the clock right.
    public var isSynchronized: Bool

    public init(wall: Date, boot: String, sinceBoot: TimeInterval, isSynchronized: Bool) {
        self.wall = wall
        self.boot = boot
        self.sinceBoot = sinceBoot
        self.isSynchronized = isSynchronized
    }
}
