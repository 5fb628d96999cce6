public import FoundationEssentials

/// Whether the clock is believed when it says that something is old.
///
/// A clock that steps ahead makes all sets old at once. So what it says is held against the time since boot, and after a
/// reboot against what it said before. While it is in doubt nothing goes by age; see ``RetentionPlan``. The doubt ends
/// when the clock has come back, and after ``patience``: by then somebody has seen it, or it is right.
public struct ClockTrust: Sendable, Codable, Equatable {
    /// What is known of a jump.
    public struct Doubt: Sendable, Codable, Equatable {
        /// What the clock would show at least had it not jumped, at the last call.
        var expected: Date
        /// Seconds for which it has been in doubt.
        var waited: TimeInterval
    }

    /// Of the last call.
    public private(set) var last: ClockReading
    /// `nil`: the clock is believed.
    public private(set) var doubt: Doubt?

    /// How much further than the time since boot a clock may go from one call to the next: an hour, as a zone or
    /// daylight saving is got wrong by.
    public static let tolerance: TimeInterval = 3600
    /// How much later than before a reboot a clock may be that nobody keeps right: the host may have been off for long.
    public static let longestOff: TimeInterval = 30 * 86_400
    /// For how long it is in doubt: a day.
    public static let patience: TimeInterval = 86_400

    /// The clock is believed, whatever it shows: nothing is known yet, or somebody says so.
    public init(in reading: ClockReading) { last = reading }

    /// How far the clock is ahead, as it seems, in seconds; 0: it is believed.
    public var ahead: TimeInterval { doubt.map { last.wall.timeIntervalSince($0.expected) } ?? 0 }

    /// What is thought at a later call.
    public func after(_ reading: ClockReading) -> ClockTrust {
        var trust = ClockTrust(in: reading)
        let isSameBoot = reading.boot == last.boot
        // Somebody set it right since the host is up; within one boot the kernel would say so of what was set, too.
        if !isSameBoot, reading.isSynchronized { return trust }
        let passed = max(0, isSameBoot ? reading.sinceBoot - last.sinceBoot : reading.sinceBoot)
        let jump = reading.wall.timeIntervalSince(last.wall) - passed
        var doubt = doubt ?? Doubt(expected: last.wall, waited: 0)
        doubt.expected += passed
        doubt.waited += passed
        if jump > (isSameBoot ? Self.tolerance : Self.longestOff) {
            doubt.waited = 0
        } else if self.doubt == nil || doubt.waited >= Self.patience {
            return trust
        }
        if reading.wall.timeIntervalSince(doubt.expected) > Self.tolerance { trust.doubt = doubt }
        return trust
    }
}
