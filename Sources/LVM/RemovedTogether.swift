extension LVMReport {
    /// What LVM would remove together with each volume, by its UUID: `lvremove` asks first, and `--yes` is the answer
    /// (lib/metadata/lv_manip.c, `lv_remove_with_dependencies`). Thick snapshots of a volume; thin volumes of other
    /// pools, whose external origin it is; and a snapshot that is being merged into it. Thin snapshots in its own pool
    /// outlive it.
    public func removedTogether() -> [String: [LogicalVolume]] {
        func key(_ group: String, _ uuid: String) -> String { group + "/" + uuid }
        // A copied VG has the same UUIDs of volumes.
        let pools = Dictionary(
            volumes.map { (key($0.volumeGroupUUID, $0.uuid), $0.pool) }, uniquingKeysWith: { first, _ in first })
        var result: [String: [LogicalVolume]] = [:]
        for volume in volumes {
            guard let uuid = volume.originUUID, let pool = pools[key(volume.volumeGroupUUID, uuid)] else { continue }
            guard !volume.isThin || volume.pool != pool || volume.isMerging else { continue }
            result[uuid, default: []].append(volume)
        }
        return result
    }
}
