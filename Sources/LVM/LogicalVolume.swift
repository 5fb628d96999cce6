/// A logical volume as `lvs` tells of it.
public struct LogicalVolume: Sendable, Equatable {
    /// Without the brackets that mark a hidden one.
    public var name: String
    /// The name of its VG.
    public var volumeGroup: String
    /// The UUID of its VG: names of VGs can occur twice.
    public var volumeGroupUUID: String
    /// LVM's UUID: the identity that survives a rename.
    public var uuid: String
    /// A part of another volume, like the data of a pool, not for use by itself.
    public var isHidden: Bool
    /// LVM's segment types in the order of the segments, each one once: `thin`, `thin-pool`, `linear`, ...
    public var segmentTypes: [String]
    /// The size that its users see, in bytes.
    public var sizeBytes: UInt64
    /// The name of the pool in the same VG; `nil` for what lives in none.
    public var pool: String?
    /// The name of the origin in the same VG, while there is one.
    public var origin: String?
    /// The UUID of ``origin``.
    public var originUUID: String?
    /// The 24-bit id in the pool; `nil` for all but thin volumes.
    public var thinID: UInt32?
    /// The pool's transaction id as LVM's metadata has it; `nil` for all but thin pools.
    public var transactionID: UInt64?
    /// How full it is, in percent; `nil` when it is inactive or LVM cannot know.
    public var dataPercent: Double?
    /// How full a pool's metadata is, in percent; `nil` as for ``dataPercent``.
    public var metadataPercent: Double?
    /// The size of a pool's metadata, in bytes; `nil` for all but pools.
    public var metadataSizeBytes: UInt64?
    /// The chunk of a pool, in bytes; 0 for what has no chunks.
    public var chunkSizeBytes: UInt64
    /// LVM's word for what is wrong: `failed`, `out_of_data`, `metadata_read_only`, `partial`, ...; `nil` when nothing is.
    public var health: String?
    /// The ten letters of `lv_attr` (lvs(8); lib/metadata/lv.c, `lv_attr_dup_with_info_and_seg_status`).
    public var attributes: String
    /// In LVM's order, ours and those of others.
    public var tags: [String]
    /// The link that udev makes when it is active, such as `/dev/vg0/data0`; `nil` for pools and hidden volumes.
    public var devicePath: String?
}

extension LogicalVolume {
    /// `VG/LV`
    public var fullName: String { volumeGroup + "/" + name }
    /// A volume in a thin pool, origin or snapshot.
    public var isThin: Bool { segmentTypes == ["thin"] }
    /// A pool of thin volumes.
    public var isThinPool: Bool { segmentTypes == ["thin-pool"] }
    /// It is being merged, or something is being merged into it.
    public var isMerging: Bool { attribute(0, in: "OS") }
    /// By its metadata, or as it was activated.
    public var isReadOnly: Bool { attribute(1, in: "rR") }
    /// It has a device with a table; so has a suspended one. `false` too when LVM cannot know.
    public var isActive: Bool { attribute(4, in: "asISmMcC") }
    /// Its device is suspended: LVM must not take a snapshot of it now.
    public var isSuspended: Bool { attribute(4, in: "sSMC") }
    /// A pool whose metadata must be checked before it takes messages again.
    public var needsCheck: Bool { attribute(4, in: "cC") }
    /// Its device is open: mounted, or under another device.
    public var isOpen: Bool { attribute(5, in: "o") }
    /// It stays inactive when the others of its VG are activated.
    public var isActivationSkipped: Bool { attribute(9, in: "k") }

    private func attribute(_ position: Int, in letters: String) -> Bool {
        attributes.dropFirst(position).first.map(letters.contains) ?? false
    }
}

/// A volume group as `lvs` tells of it.
public struct VolumeGroup: Sendable, Equatable {
    /// Two VGs can have the same name, as long as nobody activates them.
    public var name: String
    /// LVM's UUID.
    public var uuid: String
    /// `sanlock`, `dlm` or `idm` for a VG under lvmlockd, which other hosts may change; else `nil`.
    public var sharedLockType: String?
    /// It was prepared for another host: nothing in it can be used.
    public var isExported: Bool
    /// Some of its physical volumes are missing.
    public var isPartial: Bool
    /// Grows by one with every commit.
    public var seqno: UInt64
    /// Of the VG itself.
    public var tags: [String]
}
