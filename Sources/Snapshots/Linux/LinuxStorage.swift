import BlockID
import DeviceMapper
import GuardProtocol
public import LVM
public import LinuxSystem
public import SetModel
public import SystemPackage

/// LVM thin volumes of this host.
public struct LinuxStorage: Storage {
    let lvm: LVMClient
    /// Finds `stillpoint-guard`. Late: nobody who only lists or thaws needs it.
    let guardExecutable: @Sendable () throws -> FilePath
    let runDirectory: FilePath
    /// For what has to outlive a power cut; `nil`: nothing does.
    let stateDirectory: FilePath?

    /// In the run directory: held by LVM workers that change something, also when their engine is dead.
    public static let workerLockName = "worker.lock"

    public init(
        lvm: LVMClient, runDirectory: FilePath, stateDirectory: FilePath? = nil,
        guardExecutable: @escaping @Sendable () throws -> FilePath = { try GuardExecutable.beside() }
    ) {
        self.lvm = lvm
        self.guardExecutable = guardExecutable
        self.runDirectory = runDirectory
        self.stateDirectory = stateDirectory
    }

    var recordDirectory: FilePath { runDirectory.appending("runs") }

    public func sets() async throws -> (sets: [SnapshotSet], isComplete: Bool) {
        let report = try await lvm.report()
        return (FoundSets(in: report).sets, report.isComplete)
    }

    public func stage(_ set: SnapshotSet) async throws {
        var commands: [LVMCommand] = []
        for member in set.members {
            let inGroup = set.members.filter { $0.volumeGroup == member.volumeGroup }.map(\.index)
            commands += try LVMCommand.snapshot(
                of: member.volume, named: String(member.snapshot.split(separator: "/").last ?? ""),
                tags: MemberTags.staged(member, of: set), readOnly: false,
                // Of a VG the first one archives how it was before the set, the last one backs up how it is with it.
                isBackedUp: member.index == inGroup.first || member.index == inGroup.last)
        }
        try await lvm.run(commands)
    }

    public func verify(_ set: SnapshotSet, _ pools: [DeviceNumber: UInt64]) async throws {
        for (device, recorded) in pools {
            let status = try Devices.status(.number(device)).first?.parameters
            if let problem = PoolAfterCut.problem(of: device, recorded: recorded, status: status) {
                throw SnapshotError(.failed, problem)
            }
        }
    }

    /// A pool whose transaction id differs between LVM's metadata and the kernel.
    struct Disagreement: Equatable {
        var pool: String
        var recorded: UInt64
        var kernel: UInt64
    }

    /// The pools that disagree and stay so. While another LVM command is at work, metadata and kernel are read at
    /// different moments and may differ for a while, each time in other numbers.
    func disagreements(in report: LVMReport, pools: Set<String>) async throws -> [Disagreement] {
        var report = report
        var before: [Disagreement] = []
        for _ in 0..<8 {
            var found: [Disagreement] = []
            for pool in report.volumes where pools.contains(pool.uuid) {
                guard let recorded = pool.transactionID, let kernel = try poolStatus(pool)?.transactionID,
                    recorded != kernel
                else { continue }
                found.append(Disagreement(pool: pool.fullName, recorded: recorded, kernel: kernel))
            }
            if found.isEmpty || found == before { return found }
            before = found
            report = try await lvm.report()
        }
        return []
    }

    public func confirmStaged(
        _ set: SnapshotSet
    ) async throws -> (set: SnapshotSet, pools: [DeviceNumber: UInt64]) {
        let report = try await lvm.reportUnderLock()
        let found = FoundSets(in: report).sets.first { $0.id == set.id }
        var result = set
        var pools: [DeviceNumber: UInt64] = [:]
        for (index, member) in set.members.enumerated() {
            // By the name that was drawn for it, and by its tags: nobody else's snapshot has both.
            guard found?.state == .staged,
                let staged = found?.members.first(where: { $0.index == member.index }),
                staged.snapshot == member.snapshot, staged.originUUID == member.originUUID, staged.thinID != nil,
                let volume = report.volumes.first(where: { $0.uuid == staged.snapshotUUID }),
                let origin = report.volumes.first(where: { $0.uuid == member.originUUID }),
                // Of two volumes that changed names the other one was snapshotted, perhaps in another pool.
                volume.originUUID == member.originUUID, volume.pool == origin.pool,
                // One that grew since would hold a file system that is larger than its snapshot.
                volume.sizeBytes == origin.sizeBytes
            else {
                throw SnapshotError(.failed, "\(member.snapshot) was changed by another LVM command before the cut")
            }
            result.members[index].snapshotUUID = staged.snapshotUUID
            result.members[index].thinID = staged.thinID
            result.members[index].sizeBytes = volume.sizeBytes
            if let pool = report.pool(of: volume), let device = try poolAddress(pool) {
                pools[device] = pool.transactionID
            }
        }
        return (result, pools)
    }

    public func complete(_ set: SnapshotSet) async throws {
        guard let first = set.members.first else { return }
        let change = try MemberTags.completion(of: set)
        try await changeTags(of: [first.tagged(of: set)], adding: change.adding, removing: change.removing)
    }

    /// Changes tags of members, and finds out whether there was anything to change: somebody may have renamed or
    /// removed a member since it was looked at, and given its name to another volume.
    private func changeTags(
        of volumes: [TaggedVolume], adding: [String], removing: [String], isBackedUp: Bool = true
    ) async throws {
        let isDone = try await lvm.changeSelected(
            LVMCommand.changeTags(ofEach: volumes, adding: adding, removing: removing, isBackedUp: isBackedUp))
        if isDone { return }
        // LVM said less than that. Rarely: so it need not be in the same job.
        let report = try await lvm.report()
        for volume in volumes { try report.demandTags(of: volume, with: adding, without: removing) }
    }

    public func retag(_ set: SnapshotSet) async throws {
        let changes = try commands(toRetag: set, await lvm.report())
        guard try await !lvm.changeSelected(changes) else { return }
        guard try commands(toRetag: set, await lvm.report()).isEmpty else {
            throw SnapshotError(.failed, "a member of set \(set.name) was changed by another LVM command")
        }
    }

    /// None when every member tells what the set tells.
    private func commands(toRetag set: SnapshotSet, _ report: LVMReport) throws -> [LVMCommand] {
        var commands: [LVMCommand] = []
        for member in set.members.sorted(by: { $0.index > $1.index }) {
            guard let volume = report.volumes.first(where: { $0.uuid == member.snapshotUUID }),
                try volume.tags.contains(MemberTags.set(set.id))
            else { throw SnapshotError(.failed, "\(member.snapshot) was changed by another LVM command") }
            let change = try MemberTags.change(of: volume, to: set)
            commands += try LVMCommand.changeTags(
                ofEach: [member.tagged(of: set)], adding: change.adding, removing: change.removing)
        }
        return commands
    }

    /// A degraded set may have lost its own.
    private static func firstMembers(of sets: [SnapshotSet]) throws -> [TaggedVolume] {
        var volumes: [TaggedVolume] = []
        for set in sets {
            if let first = set.members.first, first.index == 1 { volumes.append(try first.tagged(of: set)) }
        }
        return volumes
    }

    public func markDeleting(_ sets: [SnapshotSet]) async throws {
        let firsts = try Self.firstMembers(of: sets)
        let change = try MemberTags.deletion()
        // The lvremove that follows archives what this leaves, and backs up what comes of it.
        try await changeTags(of: firsts, adding: change.adding, removing: change.removing, isBackedUp: false)
    }

    public func remove(_ sets: [SnapshotSet]) async throws {
        var others: [TaggedVolume] = []
        var firsts: [TaggedVolume] = []
        for set in sets {
            for member in set.members where member.snapshotUUID != nil {
                let volume = try member.tagged(of: set)
                if member.index == 1 { firsts.append(volume) } else { others.append(volume) }
            }
        }
        let commands = try LVMCommand.remove(others) + LVMCommand.remove(firsts)
        guard !commands.isEmpty else { return }
        let uuids = Set((others + firsts).map(\.uuid))
        try await lvm.run(commands)
        // Not in the process that removed: `lvs` of lvm2 2.03.31 died in there.
        let remaining = FoundSets(in: try await lvm.report()).sets.flatMap(\.members)
            .filter { $0.snapshotUUID.map(uuids.contains) ?? false }
        guard remaining.isEmpty else {
            throw SnapshotError(.failed, "\(list(remaining.map(\.snapshot))) could not be removed")
        }
    }

    /// The kernel's view of a pool; `nil` while it is not active.
    func poolStatus(_ pool: LogicalVolume) throws -> ThinPoolStatus? {
        guard let address = try poolAddress(pool) else { return nil }
        return try poolStatus(address)
    }

    private func poolStatus(_ device: DeviceNumber) throws -> ThinPoolStatus? {
        try Devices.status(.number(device)).first.flatMap { ThinPoolStatus(parameters: $0.parameters) }
    }

    /// The device that takes the pool's messages. LVM puts a layer `-tpool` under the pool's own name while thin
    /// volumes use it (lib/activate/dev_manager.c).
    func poolAddress(_ pool: LogicalVolume) throws -> DeviceNumber? {
        try Devices.info(.uuid(pool.mapperUUID + "-tpool"))?.number
    }
}

extension Member {
    /// The volume group of the snapshot.
    var volumeGroup: String { String(snapshot.split(separator: "/").first ?? "") }

    /// The snapshot, whatever its name is by now. Throws when it was not staged yet.
    func tagged(of set: SnapshotSet) throws -> TaggedVolume {
        guard let snapshotUUID else { throw SnapshotError(.failed, "\(snapshot) is not known to LVM yet") }
        return TaggedVolume(group: volumeGroup, uuid: snapshotUUID, tag: try MemberTags.set(set.id))
    }
}

extension String {
    /// LVM's UUID as device-mapper's UUIDs contain it.
    var undashed: String { filter { $0 != "-" } }
}

extension LVMReport {
    /// - Throws: when a volume of ours does not carry what it was to carry.
    fileprivate func demandTags(of volume: TaggedVolume, with added: [String], without removed: [String]) throws {
        let isDone = volumes.contains {
            $0.uuid == volume.uuid && $0.volumeGroup == volume.group && $0.tags.contains(volume.tag)
                && added.allSatisfy($0.tags.contains) && !removed.contains(where: $0.tags.contains)
        }
        guard isDone else {
            let name = volumes.first { $0.uuid == volume.uuid }?.fullName ?? "a member in \(volume.group)"
            throw SnapshotError(.failed, "\(name) was changed by another LVM command")
        }
    }
}
