import LVM
import LinuxSystem
import SetModel
import SystemPackage

/// What of a set the kernel has at one moment: its devices, what stands on them, and where its trees are.
///
/// A tree is a small file system in memory whose source names the set, and what is mounted in it. So a tree is found
/// wherever it was put, and the directory that it covers stays as it was.
struct SetPresence {
    /// What the source of a tree's own file system begins with; the set's id follows.
    static let treePrefix = "stillpoint:"
    /// What the names of our mappings begin with; the UUID of the volume below follows, without dashes.
    static let mappingPrefix = "stillpoint-"

    let set: SnapshotSet
    /// The throw-away clones of its members.
    let clones: [LogicalVolume]
    let kernel: FileSystemSurvey
    /// The trees themselves.
    let trees: [Mount]
    /// The trees and everything mounted in them, each after what it is mounted on.
    let mounts: [Mount]
    /// Members and clones that are active: LVM's UUID and the device.
    let volumes: [String: BlockDevice]
    /// Everything that stands on those volumes, and they themselves, with the LVM UUID of the volume.
    private let owners: [DeviceNumber: String]

    init(_ set: SnapshotSet, clones: [LogicalVolume], kernel: FileSystemSurvey) {
        self.set = set
        self.clones = clones
        self.kernel = kernel
        let own = kernel.mounts.mounts.filter { $0.process == nil }.map(\.mount)
        trees = own.filter { $0.filesystemType == "tmpfs" && $0.source == Self.treePrefix + set.id }
        mounts = Self.below(trees, own)
        let uuids = Set(set.members.compactMap(\.snapshotUUID) + clones.map(\.uuid))
        var volumes: [String: BlockDevice] = [:]
        var owners: [DeviceNumber: String] = [:]
        for device in kernel.topology.devices.values {
            guard let id = device.logicalVolume, id.part == nil, uuids.contains(id.volumeUUID) else { continue }
            volumes[id.volumeUUID] = device
            for number in [device.number] + kernel.topology.allAbove(device.number) { owners[number] = id.volumeUUID }
        }
        self.volumes = volumes
        self.owners = owners
    }

    /// Whether anything of it would have to be taken away.
    var isEmpty: Bool { mounts.isEmpty && volumes.isEmpty && clones.isEmpty }

    /// Whether a file system on one of its volumes is mounted, in whatever namespace.
    var isMounted: Bool { !trees.isEmpty || !kernel.fileSystems(on: Set(volumes.values.map(\.number))).isEmpty }

    /// The member that a mount shows; `nil` for a tree itself, and for what somebody else mounted there.
    func member(of mount: Mount) -> Member? {
        // What btrfs calls its device is no number of a device: the source is what it was mounted by.
        let number = mount.device.isAnonymous ? DeviceNumber(ofNode: FilePath(mount.source)) : mount.device
        guard let uuid = number.flatMap({ owners[$0] }) else { return nil }
        let origin = clones.first { $0.uuid == uuid }.map { $0.originUUID ?? "" }
        return set.members.first { $0.snapshotUUID == origin ?? uuid }
    }

    /// Mappings above the volumes, the uppermost first.
    var mappings: [BlockDevice] {
        var found: [BlockDevice] = []
        for volume in volumes.values {
            let above = kernel.topology.allAbove(volume.number).compactMap { kernel.topology[$0] }
            found += above.sorted {
                kernel.topology.allAbove($0.number).count < kernel.topology.allAbove($1.number).count
            }
        }
        return found
    }

    /// Mounts of its file systems that are in none of its trees.
    var strayMounts: [NamespacedMount] {
        let inside = Set(mounts.map(\.id))
        return kernel.fileSystems(on: Set(volumes.values.map(\.number))).flatMap(\.mounts).filter {
            !inside.contains($0.mount.id)
        }
    }

    private static func below(_ trees: [Mount], _ table: [Mount]) -> [Mount] {
        var found = trees
        var index = 0
        while index < found.count {
            let parent = found[index].id
            found += table.filter { candidate in
                candidate.parentID == parent && !found.contains { $0.id == candidate.id }
            }
            index += 1
        }
        return found
    }
}

extension LinuxMounter {
    /// LVM is asked only when it must be: its report takes longer than all the rest.
    func presence(of set: SnapshotSet, _ report: LVMReport? = nil) async throws -> SetPresence {
        let report = if let report { report } else { try await storage.lvm.report() }
        let clones = report.volumes.filter { MemberTags.cloneOf($0) == set.id }
        return SetPresence(set, clones: clones, kernel: try FileSystemSurvey.read())
    }
}
