/// What kind of layer a block device is, as far as sysfs tells: the table of a mapped device (linear, thin, ...) it
/// does not tell.
public enum BlockLayer: Sendable, Hashable, CustomStringConvertible {
    case disk
    /// Of a disk, or by kpartx through device-mapper.
    case partition
    case loop
    /// dm-crypt: LUKS and others.
    case crypt
    case verity
    case integrity
    /// A logical volume, whatever its type, or one of its hidden parts.
    case lvm
    case multipath
    /// Device-mapper, without a UUID that tells by whom.
    case mapper
    /// md, with its level: `raid1`, `linear`, ...
    case raid(level: String)
    case bcache

    /// `md raid1`, `crypt`
    public var description: String {
        switch self {
        case .disk: "disk"
        case .partition: "partition"
        case .loop: "loop"
        case .crypt: "crypt"
        case .verity: "verity"
        case .integrity: "integrity"
        case .lvm: "lvm"
        case .multipath: "multipath"
        case .mapper: "mapper"
        case .raid(let level): "md \(level)"
        case .bcache: "bcache"
        }
    }

    /// Who made a mapped device, from the prefix of its UUID, which each maker chooses (`CRYPT-`, `LVM-`, ...).
    init(mapperUUID uuid: String) {
        switch uuid {
        case _ where uuid.hasPrefix("LVM-"): self = .lvm
        case _ where uuid.hasPrefix("CRYPT-VERITY-"): self = .verity
        case _ where uuid.hasPrefix("CRYPT-INTEGRITY-"): self = .integrity
        case _ where uuid.hasPrefix("CRYPT-"): self = .crypt
        case _ where uuid.hasPrefix("mpath-"): self = .multipath
        // kpartx: part1-mpath-..., part2-LVM-...
        case _ where uuid.hasPrefix("part") && uuid.dropFirst(4).first?.isNumber == true: self = .partition
        default: self = .mapper
        }
    }
}

/// The identity of a logical volume in the UUID of its mapped device (lvm2, lib/activate/dev_manager.c).
public struct LogicalVolumeID: Sendable, Hashable {
    /// As LVM reports them, with dashes: `vg_uuid` and `lv_uuid`.
    public var volumeGroupUUID: String
    /// The volume's; see ``volumeGroupUUID``.
    public var volumeUUID: String
    /// `nil` for the volume itself; `pool`, `tpool`, `tdata`, `tmeta`, `real`, `cow`, ... for a hidden part of it.
    public var part: String?

    /// From `LVM-`, 32 characters of the group, 32 of the volume, and perhaps `-part`.
    public init?(mapperUUID: String) {
        let ids = mapperUUID.utf8.dropFirst(4)
        guard mapperUUID.hasPrefix("LVM-"), ids.count >= 64 else { return nil }
        let rest = ids.dropFirst(64)
        guard rest.isEmpty || rest.first == UInt8(ascii: "-") else { return nil }
        volumeGroupUUID = Self.dashed(ids.prefix(32))
        volumeUUID = Self.dashed(ids.dropFirst(32).prefix(32))
        part = rest.isEmpty ? nil : String(decoding: rest.dropFirst(), as: UTF8.self)
    }

    /// 6-4-4-4-4-4-6 (lvm2, lib/uuid/uuid.c).
    private static func dashed(_ id: Substring.UTF8View) -> String {
        var groups: [String] = []
        var rest = id
        for length in [6, 4, 4, 4, 4, 4, 6] {
            groups.append(String(decoding: rest.prefix(length), as: UTF8.self))
            rest = rest.dropFirst(length)
        }
        return groups.joined(separator: "-")
    }
}

/// A block device as sysfs shows it.
public struct BlockDevice: Sendable, Hashable {
    /// The name of its directory below /sys/dev/block.
    public var number: DeviceNumber
    /// `dm-3`, `sda1`
    public var kernelName: String
    /// `/dev/mapper/NAME` for a mapped device, else `/dev/` and what uevent calls DEVNAME.
    public var node: String
    /// What kind of device it is.
    public var layer: BlockLayer
    /// The kernel counts in units of 512 bytes; this is in bytes.
    public var sizeBytes: UInt64
    /// The device, not the mount, refuses writes.
    public var isReadOnly: Bool
    /// The devices it stands on: its slaves, or the disk of a partition.
    public var below: [DeviceNumber]
    /// The devices that stand on it: its holders and partitions. Not a loop device whose file is on it.
    public var above: [DeviceNumber]
    /// Of a mapped device, as the kernel has it, so with the `\x20` that libdevmapper puts into it.
    public var mapperName: String?
    /// Of a mapped device, when its maker gave it one: see ``logicalVolume``.
    public var mapperUUID: String?
    /// A mapped device that is suspended now.
    public var isSuspended: Bool
    /// The file of a loop device, as it was called when it was opened, perhaps in another namespace.
    public var backingFile: String?
    /// `st_dev` of that file.
    public var backingDevice: DeviceNumber?
    /// The kernel swaps to it (/proc/swaps).
    public var isSwap: Bool

    /// From its parts; ``BlockTopology/read(root:)`` takes them from sysfs.
    public init(
        number: DeviceNumber, kernelName: String, node: String, layer: BlockLayer, sizeBytes: UInt64 = 0,
        isReadOnly: Bool = false, below: [DeviceNumber] = [], above: [DeviceNumber] = [], mapperName: String? = nil,
        mapperUUID: String? = nil, isSuspended: Bool = false, backingFile: String? = nil,
        backingDevice: DeviceNumber? = nil, isSwap: Bool = false
    ) {
        self.number = number
        self.kernelName = kernelName
        self.node = node
        self.layer = layer
        self.sizeBytes = sizeBytes
        self.isReadOnly = isReadOnly
        self.below = below
        self.above = above
        self.mapperName = mapperName
        self.mapperUUID = mapperUUID
        self.isSuspended = isSuspended
        self.backingFile = backingFile
        self.backingDevice = backingDevice
        self.isSwap = isSwap
    }

    /// `nil` when LVM did not make it.
    public var logicalVolume: LogicalVolumeID? { mapperUUID.flatMap { LogicalVolumeID(mapperUUID: $0) } }
}
