import SystemPackage

/// A mounted superblock that stands on some of the volumes that were asked for.
public struct PlacedFileSystem: Sendable, Hashable {
    /// The superblock's device number in mountinfo; anonymous for btrfs.
    public var device: DeviceNumber
    /// `ext4`
    public var type: String
    /// Every mount of it in every namespace that was read, our own first. Never empty.
    public var mounts: [NamespacedMount]
    /// The devices that it uses itself: one; several for btrfs; data, log and realtime device for XFS. Sorted.
    public var devices: [DeviceNumber]
    /// Which of the volumes are below it, at any depth; through a loop device's file too. Sorted, never empty.
    public var volumes: [DeviceNumber]
    /// Devices below it that are none of the volumes and stand on none: a snapshot of the volumes does not hold what
    /// is on them. The uppermost of each branch, sorted.
    public var outside: [DeviceNumber]
    /// The superblocks of the list that it needs in order to write: files of its loop devices lie there. Sorted.
    public var standsOn: [DeviceNumber]
    /// 0 when it stands on no other of the list; else greater than that of every one it stands on. Freeze the greatest
    /// level first, and a lower one only when that has finished.
    public var level: Int

    /// From its parts.
    public init(
        device: DeviceNumber, type: String, mounts: [NamespacedMount], devices: [DeviceNumber],
        volumes: [DeviceNumber], outside: [DeviceNumber] = [], standsOn: [DeviceNumber] = [], level: Int = 0
    ) {
        self.device = device
        self.type = type
        self.mounts = mounts
        self.devices = devices
        self.volumes = volumes
        self.outside = outside
        self.standsOn = standsOn
        self.level = level
    }
}

extension BlockTopology {
    /// Which mounted superblocks stand on which of the volumes. No I/O, except what `resolve` does.
    ///
    /// A superblock appears once however often it is mounted. File systems without a device (overlay, tmpfs, NFS) are
    /// on no volume; a loop device whose file lies on an overlay is followed to the overlay's upper directory.
    /// Not found: the external journal of an ext4 (see `BlockIdentity.journalUUID`), and what no mount shows.
    ///
    /// - Parameters:
    ///   - volumes: thin volumes, or any block devices.
    ///   - mounts: of all namespaces, our own first.
    ///   - btrfsUUIDs: by the superblock's anonymous number. Without an entry the mount's source is believed, which the
    ///     kernel takes from its last device scan, which can be older than a rename.
    ///   - resolve: the block device behind a path such as `/dev/vg/log`; asked only for what is not in the topology.
    /// - Returns: the greatest level first, then by number.
    public func fileSystems(
        on volumes: Set<DeviceNumber>, mounts: [NamespacedMount], btrfsUUIDs: [DeviceNumber: String] = [:],
        resolve: (String) -> DeviceNumber? = { _ in nil }
    ) -> [PlacedFileSystem] {
        var placement = Placement(topology: self, volumes: volumes, mounts: mounts)
        placement.findDevices(btrfsUUIDs: btrfsUUIDs, resolve: resolve)
        return placement.result()
    }
}

/// The work of ``BlockTopology/fileSystems(on:mounts:btrfsUUIDs:resolve:)``.
private struct Placement {
    struct Superblock {
        var mounts: [NamespacedMount]
        var devices: [DeviceNumber] = []
        /// What is below: block devices at any depth, and the superblocks that hold loop devices' files.
        var below: Set<DeviceNumber> = []
        var hosts: Set<DeviceNumber> = []
    }

    let topology: BlockTopology
    let volumes: Set<DeviceNumber>
    /// By mountinfo's device number.
    var superblocks: [DeviceNumber: Superblock] = [:]
    /// Our own namespace, for paths.
    let ownMounts: [Mount]

    init(topology: BlockTopology, volumes: Set<DeviceNumber>, mounts: [NamespacedMount]) {
        self.topology = topology
        self.volumes = volumes
        ownMounts = mounts.filter { $0.process == nil }.map(\.mount)
        for mount in mounts { superblocks[mount.mount.device, default: Superblock(mounts: [])].mounts.append(mount) }
    }

    mutating func findDevices(btrfsUUIDs: [DeviceNumber: String], resolve: (String) -> DeviceNumber?) {
        func number(_ source: String) -> DeviceNumber? { topology.device(node: source)?.number ?? resolve(source) }
        for (device, superblock) in superblocks {
            let mount = superblock.mounts[0].mount
            var devices: [DeviceNumber] = []
            switch mount.filesystemType {
            case "btrfs":
                let named = number(mount.source)
                devices =
                    btrfsUUIDs[device].flatMap { topology.btrfs[$0] }
                    ?? topology.btrfs.values.first { members in named.map(members.contains) ?? false }
                    ?? (named.map { [$0] } ?? [])
            case "bcachefs":
                devices = mount.source.split(separator: ":").compactMap { number(String($0)) }
            case _ where !device.isAnonymous:
                devices = [device]
                if mount.filesystemType == "xfs" {
                    devices += ["logdev", "rtdev"].compactMap { mount.superOption($0) }.compactMap(number)
                }
            default: break
            }
            devices.sortAndUnite()
            superblocks[device]?.devices = devices
        }
        for (device, superblock) in superblocks {
            var below = Set(superblock.devices)
            for each in superblock.devices { below.formUnion(topology.allBelow(each)) }
            superblocks[device]?.below = below
            var hosts = Set(below.compactMap { topology[$0].flatMap(host) })
            if superblock.mounts[0].mount.filesystemType == "overlay",
                let upper = superblock.mounts[0].mount.superOption("upperdir"), let host = fileSystem(ofPath: upper)
            {
                hosts.insert(host)
            }
            superblocks[device]?.hosts = hosts.subtracting([device])
        }
    }

    /// The superblock that holds a loop device's file: by `st_dev`, which for btrfs is a subvolume's own number and
    /// matches none, and then by path.
    func host(of loop: BlockDevice) -> DeviceNumber? {
        if let device = loop.backingDevice, superblocks[device] != nil { return device }
        return loop.backingFile.flatMap(fileSystem(ofPath:))
    }

    /// By the longest mount point that the path begins with, and of several on one directory the last mounted.
    func fileSystem(ofPath path: String) -> DeviceNumber? {
        guard path.hasPrefix("/") else { return nil }
        let parts = path.split(separator: "/")
        var best: (depth: Int, device: DeviceNumber)?
        for mount in ownMounts {
            let point = mount.mountPoint.components.map(\.string)
            guard point.count <= parts.count, zip(point, parts).allSatisfy({ $0 == $1 }) else { continue }
            if point.count >= best?.depth ?? 0 { best = (point.count, mount.device) }
        }
        return best?.device
    }

    func result() -> [PlacedFileSystem] {
        var list: [PlacedFileSystem] = []
        for (device, superblock) in superblocks where !superblock.devices.isEmpty {
            let hosts = allHosts(device)
            let found = hosts.union([device]).reduce(into: Set<DeviceNumber>()) { result, each in
                result.formUnion(superblocks[each]?.below.intersection(volumes) ?? [])
            }
            guard !found.isEmpty else { continue }
            var seen: Set<DeviceNumber> = []
            var outside: [DeviceNumber] = superblock.devices.flatMap { uncovered($0, &seen) }
            outside.sortAndUnite()
            list.append(
                PlacedFileSystem(
                    device: device, type: superblock.mounts[0].mount.filesystemType, mounts: superblock.mounts,
                    devices: superblock.devices, volumes: found.sorted(), outside: outside, standsOn: hosts.sorted()))
        }
        let listed = Set(list.map(\.device))
        for index in list.indices { list[index].standsOn.removeAll { !listed.contains($0) } }
        // Who stands on a file system also stands on all that this one stands on: the chains' lengths are the levels.
        let standsOn = Dictionary(uniqueKeysWithValues: list.map { ($0.device, $0.standsOn) })
        var levels: [DeviceNumber: Int] = [:]
        for each in list.sorted(by: { $0.standsOn.count < $1.standsOn.count }) {
            levels[each.device] = (standsOn[each.device] ?? []).map { (levels[$0] ?? 0) + 1 }.max() ?? 0
        }
        for index in list.indices { list[index].level = levels[list[index].device] ?? 0 }
        return list.sorted { ($1.level, $0.device) < ($0.level, $1.device) }
    }

    /// The superblocks below a superblock at any depth, without itself.
    func allHosts(_ device: DeviceNumber) -> Set<DeviceNumber> {
        var seen: Set<DeviceNumber> = [device]
        var open = [device]
        while let current = open.popLast() {
            for host in superblocks[current]?.hosts ?? [] where seen.insert(host).inserted { open.append(host) }
        }
        return seen.subtracting([device])
    }

    /// The uppermost devices from here down that reach no volume; nothing below a volume is looked at.
    func uncovered(_ number: DeviceNumber, _ seen: inout Set<DeviceNumber>) -> [DeviceNumber] {
        guard !volumes.contains(number), seen.insert(number).inserted else { return [] }
        guard reachesVolume(number) else { return [number] }
        return lower(number).flatMap { uncovered($0, &seen) }
    }

    func reachesVolume(_ number: DeviceNumber) -> Bool {
        var seen: Set<DeviceNumber> = [number]
        var open = [number]
        while let current = open.popLast() {
            if volumes.contains(current) { return true }
            for next in lower(current) where seen.insert(next).inserted { open.append(next) }
        }
        return false
    }

    /// One step down; from a loop device to the devices of the file system that holds its file, through an overlay.
    func lower(_ number: DeviceNumber) -> [DeviceNumber] {
        guard let device = topology[number] else { return [] }
        guard let host = host(of: device) else { return device.below }
        let holders = allHosts(host).union([host])
        let direct = superblocks[host]?.devices ?? []
        return direct.isEmpty ? holders.flatMap { superblocks[$0]?.devices ?? [] } : direct
    }
}
