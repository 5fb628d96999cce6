public import Foundation

extension Schedule {
    /// When a run is due: its time, and a delay that is the same on every call and every host.
    ///
    /// The delay lies in 0 ..< ``jitter``, evenly spread over policies, schedules and runs, in milliseconds. It never
    /// reaches the next run, so that runs are due in their order.
    public func dueTime(of run: Date, policy: String) -> Date {
        guard jitter > .zero else { return run }
        let room = next(after: run).map { Duration.seconds($0.timeIntervalSince(run)) } ?? jitter
        let limit = UInt64(min(jitter, room) / .milliseconds(1))
        let hash = Self.hash("\(policy)\0\(id)\0\(Int(run.timeIntervalSince1970))")
        // The upper half of the product maps the hash evenly to 0 ..< limit.
        let milliseconds = hash.multipliedFullWidth(by: limit).high
        return run.addingTimeInterval(TimeInterval(milliseconds) / 1000)
    }

    /// FNV-1a, whose high bits change little with the last characters, and Murmur's finalizer, which mends that.
    private static func hash(_ text: String) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        for factor: UInt64 in [0xff51_afd7_ed55_8ccd, 0xc4ce_b9fe_1a85_ec53] {
            hash = (hash ^ (hash >> 33)) &* factor
        }
        return hash ^ (hash >> 33)
    }
}
