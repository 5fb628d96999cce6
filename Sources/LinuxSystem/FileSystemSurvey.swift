import CLinux
import SystemPackage

/// Mounts, devices and what links them, read from the running kernel at one moment.
public struct FileSystemSurvey: Sendable {
    /// The block devices.
    public var topology: BlockTopology
    /// The mounts of all namespaces.
    public var mounts: MountSurvey
    /// UUIDs of mounted btrfs by their superblock's number (BTRFS_IOC_FS_INFO).
    public var btrfsUUIDs: [DeviceNumber: String]

    /// Reads mounts first and devices afterwards: a device that is mounted stays.
    ///
    /// - Throws: ``SystemCallError``, ``MountTableError``.
    public static func read() throws -> FileSystemSurvey {
        let mounts = try MountSurvey.read()
        let topology = try BlockTopology.read()
        var uuids: [DeviceNumber: String] = [:]
        for each in mounts.mounts where each.mount.filesystemType == "btrfs" && uuids[each.mount.device] == nil {
            uuids[each.mount.device] = btrfsUUID(each)
        }
        return FileSystemSurvey(topology: topology, mounts: mounts, btrfsUUIDs: uuids)
    }

    /// ``BlockTopology/fileSystems(on:mounts:btrfsUUIDs:resolve:)`` of what was read.
    public func fileSystems(on volumes: Set<DeviceNumber>) -> [PlacedFileSystem] {
        topology.fileSystems(on: volumes, mounts: mounts.mounts, btrfsUUIDs: btrfsUUIDs) {
            DeviceNumber(ofNode: FilePath($0))
        }
    }

    private static func btrfsUUID(_ mount: NamespacedMount) -> String? {
        guard let descriptor = try? OpenMount.open(mount) else { return nil }
        defer { try? descriptor.close() }
        var bytes = [UInt8](repeating: 0, count: 16)
        guard sp_btrfs_uuid(descriptor.rawValue, &bytes) == 0 else { return nil }
        var text = ""
        for (index, byte) in bytes.enumerated() {
            if [4, 6, 8, 10].contains(index) { text += "-" }
            text += byte < 16 ? "0" + String(byte, radix: 16) : String(byte, radix: 16)
        }
        return text
    }
}
