import BlockID
import DeviceMapper
import LVM
import LinuxSystem
import SetModel
import SystemPackage

extension LinuxStorage {
    public func survey() async throws -> Survey {
        guard DeviceMapperLibrary.isAvailable else {
            throw SnapshotError(
                .refused, "the kernel has no device-mapper, or /dev/mapper/control cannot be opened; load dm-mod")
        }
        let report = try await lvm.report(withConfiguration: true)
        let kernel = try FileSystemSurvey.read()
        let found = FoundSets(in: report)
        var survey = Survey(sets: found.sets, problems: found.problems)
        survey.ambiguous = found.ambiguous
        survey.removedTogether = report.removedTogether().mapValues { $0.map(\.fullName) }
        survey.isComplete = report.isComplete
        let setIDs = found.setIDs
        for group in report.volumeGroups { survey.groups[group.name] = .some(group.problem) }
        for volume in report.volumes where !volume.isHidden {
            if volume.isThinPool {
                survey.pools.append(try pool(volume, report))
            } else if volume.isThin {
                if let thin = self.volume(volume, setIDs, kernel) { survey.volumes.append(thin) }
            } else {
                survey.others[volume.fullName] = volume.kind
                guard let device = kernel.topology.device(mapperUUID: volume.mapperUUID)?.number else { continue }
                for number in [device] + kernel.topology.allAbove(device) {
                    survey.otherDevices[number] = volume.fullName
                }
            }
        }
        let differing = Set(survey.pools.filter { $0.transactionID != $0.recordedTransactionID }.map(\.name))
        if !differing.isEmpty {
            let uuids = report.volumes.filter { differing.contains($0.fullName) }.map(\.uuid)
            let wrong = try await disagreements(in: report, pools: Set(uuids))
            for index in survey.pools.indices where differing.contains(survey.pools[index].name) {
                let found = wrong.first { $0.pool == survey.pools[index].name }
                survey.pools[index].transactionID = found?.kernel
                survey.pools[index].recordedTransactionID = found?.recorded
            }
        }
        for pool in survey.pools { survey.others[pool.name] = "a thin pool" }
        if let settings = report.configuration {
            survey.locking = Locking(
                directory: settings.lockingDirectory.string, prioritisesWriters: settings.prioritisesWriteLocks)
        }
        verifySuspended(&survey)
        place(&survey, kernel)
        return survey
    }

    /// LVM suspends a volume for a moment of its own, under its lock: what is suspended while another holds that, somebody
    /// else has suspended. Whoever does not let go of it for long may be waiting for what is suspended.
    private func verifySuspended(_ survey: inout Survey) {
        let suspended = survey.volumes.indices.filter { survey.volumes[$0].isSuspended }
        for group in Set(suspended.map { survey.volumes[$0].volumeGroup }).sorted() {
            do {
                guard
                    let lock = try VolumeGroupLock.acquire(
                        directory: FilePath(survey.locking.directory), volumeGroup: group, within: 10_000)
                else { continue }
                for index in suspended where survey.volumes[index].volumeGroup == group {
                    let info = try Devices.info(.uuid(survey.volumes[index].deviceUUID))
                    survey.volumes[index].isSuspended = info?.isSuspended ?? false
                }
                lock.release()
            } catch {
                continue
            }
        }
    }

    private func pool(_ volume: LogicalVolume, _ report: LVMReport) throws -> Pool {
        let device = try poolAddress(volume)
        let target = try device.map { try Devices.status(.number($0)).first } ?? nil
        let status = target.flatMap { ThinPoolStatus(parameters: $0.parameters) }
        var problem: String?
        if volume.needsCheck || status?.needsCheck == true {
            problem = "needs checking; deactivate it and run `lvconvert --repair \(volume.fullName)`"
        } else if let status, status.mode == .readOnly {
            problem = "is read-only; see `dmesg` and lvmthin(7)"
        } else if let status, status.mode == .outOfDataSpace {
            problem = "is out of data space; extend it with `lvextend`"
        } else if target != nil, status == nil {
            problem = "has failed; see `dmesg` and lvmthin(7)"
        }
        var pool = Pool(
            name: volume.fullName, device: device,
            dataPercent: status.flatMap { percent($0.usedDataBlocks, $0.totalDataBlocks) } ?? volume.dataPercent,
            metadataPercent: status.flatMap { percent($0.usedMetadataBlocks, $0.totalMetadataBlocks) }
                ?? volume.metadataPercent,
            metadataSizeBytes: volume.metadataSizeBytes ?? 0, transactionID: status?.transactionID,
            recordedTransactionID: volume.transactionID, problem: problem)
        pool.sizeBytes = volume.sizeBytes
        return pool
    }

    private func percent(_ used: UInt64, _ total: UInt64) -> Double? {
        total == 0 ? nil : Double(used) / Double(total) * 100
    }

    /// - Parameter setIDs: the set of each member, by its UUID.
    private func volume(
        _ volume: LogicalVolume, _ setIDs: [String: SnapshotSet.ID], _ kernel: FileSystemSurvey
    ) -> Volume? {
        guard let pool = volume.pool, let thinID = volume.thinID else { return nil }
        let uuid = volume.mapperUUID
        let device = kernel.topology.device(mapperUUID: uuid)
        let info = device.flatMap { try? Devices.info(.number($0.number)) }
        var thin = Volume(
            name: volume.fullName, volumeGroup: volume.volumeGroup, uuid: volume.uuid,
            pool: volume.volumeGroup + "/" + pool, thinID: thinID, sizeBytes: volume.sizeBytes, tags: volume.tags,
            device: device?.number, deviceUUID: uuid, isSuspended: device?.isSuspended ?? false,
            isOpen: (info?.openCount ?? 0) > 0,
            setID: setIDs[volume.uuid], cloneOf: MemberTags.cloneOf(volume))
        thin.isMerging = volume.isMerging
        return thin
    }

    /// Puts mounted file systems on volumes, and looks at volumes that have none.
    private func place(_ survey: inout Survey, _ kernel: FileSystemSurvey) {
        let names = Dictionary(
            survey.volumes.compactMap { volume in volume.device.map { ($0, volume.name) } },
            uniquingKeysWith: { first, _ in first })
        var mounted: Set<DeviceNumber> = []
        for placed in kernel.fileSystems(on: Set(names.keys)) {
            // Below an image file is its file system's business: it is that one that stands on the volume.
            let direct = Set(placed.devices + placed.devices.flatMap { kernel.topology.allBelow($0) })
            let volumes = placed.volumes.filter(direct.contains).compactMap { names[$0] }
            // Nothing of it has to be written before the file system below is frozen.
            let isReadOnly = placed.mounts[0].mount.hasReadOnlySuperblock
            let reachable = placed.mounts.first(where: isReachable)
            // One that can be written, and cannot be frozen, is a raw use of what it lies on.
            if isReadOnly || reachable != nil { mounted.formUnion(placed.devices) }
            guard let reachable, !(volumes.isEmpty && isReadOnly) else { continue }
            survey.fileSystems.append(
                FileSystem(
                    device: placed.device, kind: placed.type,
                    mountPoints: placed.mounts.map(\.mount.mountPoint.string).uniqued,
                    openPath: reachable.path.string, mountID: reachable.mount.id, below: placed.standsOn,
                    volumes: volumes,
                    otherDevices: placed.outside.map { kernel.topology[$0]?.node ?? $0.description }))
        }
        for index in survey.volumes.indices {
            let volume = survey.volumes[index]
            guard let number = volume.device, let device = kernel.topology[number] else { continue }
            survey.volumes[index].layers =
                kernel.topology.topDevices(of: number).first?.layers.map(\.layer.description) ?? []
            if survey.fileSystems(on: volume).isEmpty {
                guard !volume.isSuspended else { continue }
                survey.volumes[index].content = (try? BlockProbe.identify(FilePath(device.node)))?.type
            } else {
                survey.volumes[index].rawDevices = kernel.topology.topDevices(of: number).map(\.top)
                    .filter { $0.number != number && !mounted.contains($0.number) && isInUse($0) }.map(\.node)
            }
        }
    }

    /// A device that nothing stands on and that is not mounted; of one that device-mapper does not know, nobody tells.
    private func isInUse(_ device: BlockDevice) -> Bool {
        guard device.mapperUUID != nil, let info = try? Devices.info(.number(device.number)) else { return true }
        return device.isSwap || info.openCount > 0
    }

    /// A mount that something was mounted over cannot be opened; another mount of the same superblock may.
    private func isReachable(_ mount: NamespacedMount) -> Bool {
        guard let descriptor = try? OpenMount.open(mount) else { return false }
        try? descriptor.close()
        return true
    }

    public func locate(_ path: String) async throws -> PathTarget {
        let file = FilePath(path)
        if let number = DeviceNumber(ofNode: file) {
            let topology = try BlockTopology.read()
            let all = [number] + topology.allBelow(number)
            return .device(
                number, below: Dictionary(all.map { ($0, topology[$0]?.below ?? []) }, uniquingKeysWith: { $1 }))
        }
        do {
            let mount = try OpenMount.containing(file)
            return .fileSystem(mount.device, kind: mount.filesystemType, mountPoint: mount.mountPoint.string)
        } catch {
            return .missing(String(describing: error))
        }
    }
}

extension FoundSets {
    /// The set of each member, by the member's UUID.
    fileprivate var setIDs: [String: SnapshotSet.ID] {
        Dictionary(
            sets.flatMap { set in set.members.compactMap { member in member.snapshotUUID.map { ($0, set.id) } } },
            uniquingKeysWith: { first, _ in first })
    }
}

extension LogicalVolume {
    /// device-mapper's UUID of the volume's device (`build_dm_uuid` in lib/activate/dev_manager.c).
    var mapperUUID: String { "LVM-" + volumeGroupUUID.undashed + uuid.undashed }

    /// What a volume that is not thin is, in words.
    fileprivate var kind: String {
        let kinds = segmentTypes.joined(separator: "+")
        if kinds == "linear", origin != nil { return "a thick snapshot" }
        return "a \(kinds) volume"
    }
}

extension VolumeGroup {
    fileprivate var problem: String? {
        if let kind = sharedLockType { return "is shared through lvmlockd (\(kind)): its lock is not ours to take" }
        if isExported { return "is exported; import it with `vgimport`" }
        if isPartial { return "misses a physical volume; see `vgs` and `pvs`" }
        return nil
    }
}

extension Array where Element: Hashable {
    /// Each element once, in the order of its first appearance.
    fileprivate var uniqued: [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}
