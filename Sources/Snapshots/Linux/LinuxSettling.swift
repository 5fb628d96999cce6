import DeviceMapper
import Glibc
import LVM
import LinuxSystem
public import SetModel
import SystemPackage

extension LinuxStorage {
    /// What an `lvcreate` leaves that was killed half-way: its origin suspended; and in LVM's metadata a message for
    /// the pool (`create_snap`) that the kernel has processed already, so that every later command on the pool sends
    /// it again and fails with EEXIST ("Manual intervention may be required").
    public func settle(_ set: SnapshotSet) async throws {
        try waitForWorkers()
        let report = try await lvm.report(withConfiguration: true)
        guard try !suspendedOrigins(of: set).isEmpty || !unconfirmed(of: set, report).isEmpty else { return }
        let directory = report.configuration?.lockingDirectory ?? FilePath(Locking().directory)
        for group in Set(set.members.map(\.volumeGroup)).sorted() {
            // Whoever holds it knows that no LVM command is at work on the volumes.
            guard let lock = try VolumeGroupLock.acquire(directory: directory, volumeGroup: group, within: 60_000)
            else {
                throw SnapshotError(.busy, "an LVM command is at work in volume group \(group) and does not end")
            }
            for device in try suspendedOrigins(of: set, in: group) { try Devices.resume(.number(device.number)) }
            for (thinID, pool) in try unconfirmed(of: set, try await lvm.reportUnderLock(), in: group) {
                do { try Devices.message("delete \(thinID)", to: .number(pool)) } catch {
                    guard error.errno == .noData else { throw error }
                }
            }
            lock.release()
        }
    }

    private func suspendedOrigins(of set: SnapshotSet, in group: String? = nil) throws -> [BlockDevice] {
        let uuids = Set(set.members.filter { group == nil || $0.volumeGroup == group }.map(\.originUUID))
        return try BlockTopology.read().devices.values.filter { device in
            device.isSuspended && device.logicalVolume.map { uuids.contains($0.volumeUUID) } ?? false
        }
    }

    /// The staged thin devices of pools whose transaction id is behind LVM's. Deleted in the pool, the last one is made
    /// anew by LVM, as its message says, and it misses none of the others, which go anyway.
    private func unconfirmed(
        of set: SnapshotSet, _ report: LVMReport, in group: String? = nil
    ) throws -> [(thinID: UInt32, pool: DeviceNumber)] {
        guard let truth = FoundSets(in: report).sets.first(where: { $0.id == set.id }), truth.state == .staged else {
            return []
        }
        return try truth.members.compactMap { member in
            guard let thinID = member.thinID, group == nil || group == member.volumeGroup,
                let volume = report.volumes.first(where: { $0.uuid == member.snapshotUUID }),
                let pool = report.pool(of: volume), let recorded = pool.transactionID,
                let address = try poolAddress(pool), let kernel = try poolStatus(pool)?.transactionID, kernel < recorded
            else { return nil }
            return (thinID, address)
        }
    }
}
