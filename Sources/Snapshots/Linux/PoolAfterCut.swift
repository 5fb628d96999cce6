import DeviceMapper
import LinuxSystem

/// Whether a pool has on its disk what it was told in the cut.
///
/// The kernel answers a message with success although the commit after it failed (dm-thin.c, `pool_message`). It then
/// takes back all that came after the last commit that succeeded, so that a snapshot may not exist, and lets the pool
/// be read-only and in need of a check; the transaction id stays what it was. Asking for the status commits once more
/// (`pool_status`) and tells the mode after that. So a pool that takes writes then has every thin id it was told of.
enum PoolAfterCut {
    /// Why the pool cannot be trusted, in one sentence; `nil` when it can.
    ///
    /// - Parameters:
    ///   - recorded: LVM's transaction id.
    ///   - status: what the kernel says of the target; `nil` when there is none.
    static func problem(of pool: DeviceNumber, recorded: UInt64, status: String?) -> String? {
        let status = status.flatMap { ThinPoolStatus(parameters: $0) }
        guard let status, status.transactionID == recorded else {
            return "LVM's transaction id of pool \(pool) is \(recorded), the kernel's is"
                + " \(status.map { "\($0.transactionID)" } ?? "unknown")"
        }
        // Also one without room for data: what is refused before the cut is no ground for a set after it.
        guard status.mode == .readWrite, !status.needsCheck else {
            let now = status.mode == .outOfDataSpace ? "is out of data space" : "turned read-only"
            return "pool \(pool) \(now) during the cut, so snapshots in it may not exist; see `dmesg` and lvmthin(7)"
        }
        return nil
    }
}
