import LinuxSystem
import SetModel
import Snapshots

/// What is read without changing anything.
extension World {
    func survey() -> Survey {
        var survey = Survey(
            volumes: volumes.values.sorted { $0.name < $1.name }.map(volume),
            pools: pools.keys.sorted().compactMap { name in
                pools[name].map { pool in
                    Pool(
                        name: name, device: pool.device, dataPercent: pool.dataPercent,
                        metadataPercent: pool.metadataPercent, metadataSizeBytes: pool.metadataSizeBytes,
                        transactionID: pool.device == nil ? nil : pool.transaction,
                        recordedTransactionID: pool.recorded,
                        problem: pool.isReadOnly ? "is read-only" : pool.problem)
                }
            },
            fileSystems: fileSystems.map(\.system), others: others, groups: groups, sets: foundSets())
        survey.otherDevices = otherDevices
        survey.isComplete = lostGroups.isEmpty
        survey.ambiguous = ambiguousSets()
        for (name, uuid) in thickSnapshots { survey.removedTogether[uuid, default: []].append(name) }
        survey.problems = survey.ambiguous.values.sorted()
        return survey
    }

    private var otherDevices: [DeviceNumber: String] {
        var devices: [DeviceNumber: String] = [:]
        for (index, name) in others.keys.sorted().enumerated() {
            devices[DeviceNumber(major: 253, minor: 900 + UInt32(index))] = name
        }
        return devices
    }

    private func volume(_ state: VolumeState) -> Volume {
        var volume = Volume(
            name: state.name, volumeGroup: state.group, uuid: state.uuid, pool: state.pool, thinID: state.thinID,
            sizeBytes: state.sizeBytes, tags: state.tags, device: state.device, deviceUUID: state.deviceUUID,
            isSuspended: state.suspendedBy != nil, isOpen: state.isOpen, setID: state.member?.set.id,
            cloneOf: state.cloneOf, content: state.content)
        volume.rawDevices = state.rawDevices
        return volume
    }

    func locate(_ path: String) -> PathTarget {
        if path.hasPrefix("/dev/") {
            let name = String(path.dropFirst(5))
            if let device = volumes[name]?.device { return .device(device, below: [:]) }
            return otherDevices.first { $0.value == name }.map { .device($0.key, below: [:]) }
                ?? .missing("No such file or directory")
        }
        let here = fileSystems.flatMap { item in item.system.mountPoints.map { ($0, item.system) } }
            .filter { isBelow(path, $0.0) }.max { $0.0.count < $1.0.count }
        if let (mountPoint, system) = here {
            return .fileSystem(system.device, kind: system.kind, mountPoint: mountPoint)
        }
        guard let mountPoint = elsewhere.keys.filter({ isBelow(path, $0) }).max(by: { $0.count < $1.count }) else {
            return .missing("No such file or directory")
        }
        return .fileSystem(
            DeviceNumber(major: 0, minor: 4000), kind: elsewhere[mountPoint] ?? "", mountPoint: mountPoint)
    }

    private func isBelow(_ path: String, _ mountPoint: String) -> Bool {
        path == mountPoint || path.hasPrefix(mountPoint + "/")
    }

    func verify(_ recorded: [DeviceNumber: UInt64]) throws {
        for (name, pool) in pools {
            guard let device = pool.device, let id = recorded[device] else { continue }
            if id != pool.transaction {
                throw SnapshotError(.failed, "the transaction ids of pool \(name) differ")
            }
            if pool.isReadOnly { throw SnapshotError(.failed, "pool \(name) turned read-only during the cut") }
        }
    }

    func manualFreezes() -> [String] {
        guards.keys.sorted().filter { guards[$0]?.isManual == true }
            .flatMap { standing(of: $0).fileSystems.map { fileSystems[$0].system.label } }
    }

    func confirmStaged(_ set: SnapshotSet) throws -> (set: SnapshotSet, pools: [DeviceNumber: UInt64]) {
        var result = set
        var confirmed: [DeviceNumber: UInt64] = [:]
        for (index, member) in set.members.enumerated() {
            guard let volume = volumes[member.snapshot], volume.member?.set.id == set.id,
                volumes.values.contains(where: { $0.uuid == member.originUUID })
            else {
                throw SnapshotError(.failed, "\(member.snapshot) was changed by another LVM command before the cut")
            }
            result.members[index].snapshotUUID = volume.uuid
            result.members[index].thinID = volume.thinID
            if let pool = pools[volume.pool], let device = pool.device { confirmed[device] = pool.recorded }
        }
        return (result, confirmed)
    }

    mutating func endManualFreezes() -> [String] {
        var thawed: [String] = []
        for id in guards.keys.sorted() where guards[id]?.isManual == true {
            for index in standing(of: id).fileSystems {
                fileSystems[index].frozenBy = nil
                thawed.append(fileSystems[index].system.label)
            }
            guards[id] = nil
        }
        return thawed
    }
}
