import BlockID
import LVM
import LinuxSystem
import SetModel
import SystemPackage

/// A member whose file system can be mounted.
struct OpenMember {
    var member: Member
    /// The path of the device that holds the file system.
    var device: String
    /// As libblkid names it.
    var type: String
}

/// Makes the file systems of a set's members reachable: activates the snapshots or clones of them, opens LUKS, and
/// gives a btrfs an identity of its own. What it did so far is undone by whoever takes the set's tree away.
struct MemberOpener {
    /// A pool that is fuller than this takes no clones, in percent.
    private static let poolLimit = 95.0

    let storage: LinuxStorage
    let set: SnapshotSet
    let request: MountRequest
    let survey: Survey
    let progress: any Progress

    /// The members that hold a file system.
    mutating func open() async throws -> [OpenMember] {
        for member in set.members { try checkLayers(member) }
        // The origin's file system was looked at when the set was made, also through LUKS.
        let cloned = set.members.filter { request.writable || $0.filesystem == "btrfs" }
        let plain = set.members.filter { member in !cloned.contains { $0.index == member.index } }
        try await clone(cloned)
        StopPoint.reach("mount.cloned")
        try Task.checkCancellation()
        progress.step("activating \(set.members.count) volumes of set \(set.name)")
        try await activate(plain.map(\.snapshot) + cloned.map(\.cloneName))
        StopPoint.reach("mount.activated")
        var result: [OpenMember] = []
        for member in set.members {
            try Task.checkCancellation()
            var isClone = cloned.contains { $0.index == member.index }
            if !isClone { try markReadOnly(member) }
            var found = try await identify(member, isClone: isClone)
            if !isClone, found?.type == "btrfs" {
                // It was not known to be one: in a LUKS that was closed when the set was made.
                try LinuxMounter(storage: storage).closeMappings(
                    SetPresence(set, clones: [], kernel: try FileSystemSurvey.read()), of: member.snapshotUUID)
                try await storage.lvm.run(LVMCommand.deactivate([member.tagged(of: set)]))
                try await clone([member])
                try await activate([member.cloneName])
                isClone = true
                found = try await identify(member, isClone: true)
            }
            if let found {
                if found.type == "btrfs" { try await BtrfsIdentity.renew(found.device, of: member) }
                result.append(found)
            }
        }
        StopPoint.reach("mount.opened")
        guard !result.isEmpty else {
            throw SnapshotError(.refused, "no member of set \(set.name) holds a file system that could be mounted")
        }
        return result
    }

    /// Refuses by what is known before anything is activated: udev would assemble an array of a snapshot that appears.
    private func checkLayers(_ member: Member) throws {
        let layers = survey.volume(uuid: member.originUUID)?.layers ?? []
        if let layer = layers.first(where: { $0 != BlockLayer.crypt.description }) {
            throw refusal(member, "is under another layer (\(layer))")
        }
        if let content = member.filesystem, content.hasSuffix("_member") {
            throw refusal(member, "holds \(content.layerName) and not a file system")
        }
    }

    private func refusal(_ member: Member, _ reason: String) -> SnapshotError {
        SnapshotError(.refused, "\(member.volume) \(reason); it cannot be mounted")
    }

    /// Snapshots of the inactive snapshots: LVM hangs on a snapshot of an active one now and then.
    private func clone(_ members: [Member]) async throws {
        guard !members.isEmpty else { return }
        try admitClones(of: members)
        let tag = try MemberTags.clone(of: set.id)
        var commands: [LVMCommand] = []
        for member in members {
            let name = String(member.cloneName.split(separator: "/").last ?? "")
            commands += try LVMCommand.snapshot(of: member.snapshot, named: name, tags: [tag], readOnly: false)
        }
        try await storage.lvm.run(commands)
    }

    private func admitClones(of members: [Member]) throws {
        for name in Set(members.compactMap { survey.volume($0.snapshot)?.pool }).sorted() {
            guard let pool = survey.pool(name) else { continue }
            if let problem = pool.problem { throw SnapshotError(.refused, "pool \(name) \(problem)") }
            guard pool.dataPercent ?? 0 < Self.poolLimit, pool.metadataPercent ?? 0 < Self.poolLimit else {
                throw SnapshotError(
                    .refused,
                    "pool \(name) is nearly full, and what is mounted needs throw-away clones in it; extend it with"
                        + " `lvextend`")
            }
        }
    }

    private func activate(_ volumes: [String]) async throws {
        var commands: [LVMCommand] = []
        for volume in volumes { commands.append(try LVMCommand.activate(volume)) }
        try await storage.lvm.run(commands)
    }

    private func markReadOnly(_ member: Member) throws {
        try ReadOnlyDevice.mark(FilePath("/dev/" + member.snapshot))
    }

    /// What is on a member; `nil` when nothing is that could be mounted.
    private func identify(_ member: Member, isClone: Bool) async throws -> OpenMember? {
        let volume = "/dev/" + (isClone ? member.cloneName : member.snapshot)
        guard let identity = try BlockProbe.identify(FilePath(volume)) else {
            guard member.filesystem == nil else {
                throw SnapshotError(
                    .refused,
                    "\(member.volume) had \(member.filesystem ?? "") in a layer that leaves no trace on the volume"
                        + " itself (partitions, plain dm-crypt, a detached LUKS header); it cannot be mounted")
            }
            progress.step("\(member.volume) holds no file system; it is left out")
            return nil
        }
        if identity.usage == .crypto {
            let mapping = try await EncryptedMember(
                storage: storage, member: member, volume: volume, identity: identity, survey: survey,
                keyFile: request.keyFile, readOnly: !isClone
            ).open()
            guard let inside = try BlockProbe.identify(FilePath(mapping)) else {
                throw SnapshotError(
                    .refused,
                    "\(member.volume) was opened, and nothing is recognised in it: its key was changed since the set"
                        + " was made, or it holds no file system")
            }
            return try check(member, inside, mapping)
        }
        return try check(member, identity, volume)
    }

    private func check(_ member: Member, _ identity: BlockIdentity, _ device: String) throws -> OpenMember? {
        switch (identity.usage, identity.type) {
        case (_, "swap"):
            progress.step("\(member.volume) is swap space; it is left out")
            return nil
        case (.filesystem, let type) where !type.hasSuffix("_member"):
            if identity.journalUUID != nil, request.writable {
                throw SnapshotError(
                    .refused,
                    "\(member.volume) is an \(type) with its journal on another device, which a writable mount would"
                        + " use: mount the set without --writable")
            }
            if type == "btrfs", let count = try BtrfsSuperblock.deviceCount(FilePath(device)), count > 1 {
                throw SnapshotError(
                    .refused,
                    "\(member.volume) is one of \(count) devices of a btrfs, which cannot be mounted in this release")
            }
            return OpenMember(member: member, device: device, type: type)
        default:
            throw refusal(member, "holds \(identity.type.layerName) and not a file system")
        }
    }
}

extension Member {
    /// `VG/LV` of the throw-away clone. Readable where LVM and device-mapper have room for it.
    var cloneName: String {
        let name = snapshot + "_clone"
        let mapped = name.utf8.count + name.utf8.count { $0 == UInt8(ascii: "-") }
        if mapped <= SetName.maximumVolumeLength { return name }
        return volumeGroup + "/sp_clone_" + (snapshotUUID ?? "").undashed
    }
}

extension String {
    /// libblkid's name of a layer, in words.
    fileprivate var layerName: String {
        switch self {
        case "linux_raid_member": "a part of an md RAID"
        case "LVM2_member": "a physical volume of LVM"
        case "crypto_LUKS": "another LUKS"
        default: self
        }
    }
}
