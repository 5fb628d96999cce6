import SetModel

/// Every check that can be made before anything is changed. Pure.
struct Admission {
    /// LVM's metadata cost of an empty snapshot is a few blocks of the pool's B-trees; this is above it, in bytes.
    static let metadataPerSnapshot: UInt64 = 16 * 4096

    let survey: Survey
    let poolLimitPercent: Double

    /// - Throws: the first reason for refusal.
    func check(_ volumes: [Volume]) throws {
        for volume in volumes { try check(volume) }
        for group in Set(volumes.map(\.volumeGroup)).sorted() {
            if let problem = survey.groups[group] ?? nil {
                throw SnapshotError(.refused, "volume group \(group) \(problem)")
            }
        }
        for name in Set(volumes.map(\.pool)).sorted() {
            try check(pool: name, newMembers: volumes.filter { $0.pool == name }.count)
        }
        try checkFileSystems(volumes)
    }

    private func check(_ volume: Volume) throws {
        if let id = volume.setID {
            let name = survey.sets.first { $0.id == id }?.name ?? id
            throw SnapshotError(
                .refused, "\(volume.name) is a member of set \(name); snapshots of members are not taken")
        }
        if volume.cloneOf != nil {
            throw SnapshotError(.refused, "\(volume.name) is a throw-away clone that `mount` made")
        }
        if volume.isMerging {
            throw SnapshotError(
                .refused,
                "a snapshot is being merged into \(volume.name): wait until `lvs -a` no longer shows an O for it")
        }
        if volume.isSuspended {
            throw SnapshotError(
                .refused,
                "\(volume.name) is suspended by somebody else; `dmsetup info` shows it, `dmsetup resume` ends it")
        }
    }

    private func check(pool name: String, newMembers: Int) throws {
        guard let pool = survey.pool(name) else {
            throw SnapshotError(.refused, "pool \(name) is not known to LVM")
        }
        if let problem = pool.problem { throw SnapshotError(.refused, "pool \(name) \(problem)") }
        // One behind is what an LVM command leaves that was killed between its commit and its message: the next command
        // sends it, or refuses by itself (libdm-deptree.c, _thin_pool_node_send_messages).
        if let kernel = pool.transactionID, let recorded = pool.recordedTransactionID, kernel != recorded,
            recorded == 0 || kernel != recorded - 1
        {
            throw SnapshotError(
                .refused,
                "pool \(name) is damaged: LVM's transaction id is \(recorded), the kernel's \(kernel); see lvmthin(7)")
        }
        // Of a pool that is not active nobody knows; nothing is written to it either.
        if let used = pool.dataPercent, used >= poolLimitPercent {
            throw SnapshotError(
                .refused,
                "pool \(name) is full to \(percent(used)) of its data, the limit is"
                    + " \(percent(poolLimitPercent)); extend it with `lvextend`, or raise --pool-limit")
        }
        let added =
            pool.metadataSizeBytes == 0
            ? 0 : Double(UInt64(newMembers) * Self.metadataPerSnapshot) / Double(pool.metadataSizeBytes) * 100
        if let used = pool.metadataPercent, used + added >= poolLimitPercent {
            throw SnapshotError(
                .refused,
                "pool \(name) would be full to \(percent(used + added)) of its metadata, the limit is"
                    + " \(percent(poolLimitPercent)); extend it with `lvextend --poolmetadatasize`, or raise"
                    + " --pool-limit")
        }
    }

    private func checkFileSystems(_ volumes: [Volume]) throws {
        let names = Set(volumes.map(\.name))
        for volume in volumes {
            let systems = survey.fileSystems(on: volume)
            if systems.count > 1 {
                throw SnapshotError(
                    .refused,
                    "\(volume.name) carries several mounted file systems (\(list(systems.map(\.label)))): not supported"
                )
            }
            for system in systems {
                let missing = system.volumes.filter { !names.contains($0) }
                guard missing.isEmpty, system.otherDevices.isEmpty else {
                    throw SnapshotError(
                        .refused,
                        "\(system.label) stands on \(volume.name) and on \(list(missing + system.otherDevices)): a set must"
                            + " have all of it; name the mount point")
                }
            }
        }
        let systems = survey.fileSystems.filter { system in system.volumes.contains(where: names.contains) }
        let devices = Set(systems.map(\.device))
        if let upper = systems.first(where: { $0.below.contains(where: devices.contains) }) {
            throw SnapshotError(
                .refused,
                "\(upper.label) stands through a loop device on another member of the set: its pool cannot write its"
                    + " metadata while the lower file system is frozen; take two sets")
        }
    }

    private func percent(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10) %" : "\(tenths / 10).\(tenths % 10) %"
    }
}
