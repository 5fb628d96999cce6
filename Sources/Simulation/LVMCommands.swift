import FoundationEssentials
import SetModel
import Snapshots

/// What LVM does, commit by commit (lib/metadata/lv_manip.c, `_lv_create_an_lv` and `lv_remove_single`).
extension World {
    /// Whether LVM cannot see the disks of a volume, `VG/LV`.
    func isLost(_ volume: String) -> Bool { lostGroups.contains { volume.hasPrefix($0 + "/") } }

    func demandDisks(of volume: String) throws {
        if isLost(volume) { throw SimulatedFailure(description: "Volume group of \(volume) not found") }
    }

    /// Any LVM command waits for the VG's lock, and may wait for what stands still: none may run then.
    mutating func lvmCommand(_ words: String, _ process: Int) throws {
        try demandLife(process)
        if !standing.isEmpty {
            violate("LVM command \"\(words)\" while \(standing.joined(separator: ", ")) stands still")
        }
        if !locks.isEmpty { violate("LVM command \"\(words)\" while our lock of \(locks.keys.sorted()) is held") }
    }

    /// Sends a pool the messages that were committed and not sent. Every command that changes the pool begins so.
    mutating func flush(_ name: String) throws {
        guard var pool = pools[name] else { throw SimulatedFailure(description: "no pool \(name)") }
        guard pool.transaction == pool.recorded || !pool.messages.isEmpty && pool.transaction + 1 == pool.recorded
        else {
            throw SimulatedFailure(
                description: "Thin pool \(name) transaction_id is \(pool.transaction), while expected \(pool.recorded)")
        }
        if pool.transaction != pool.recorded {
            guard !pool.isReadOnly else { throw SimulatedFailure(description: "Thin pool \(name) is read-only") }
            for message in pool.messages {
                switch message {
                case .delete(let id): pool.thins[id] = nil
                case .snapshot(let id, let origin):
                    guard let content = pool.thins[origin] else { continue }
                    let isActive = volumes.values.contains {
                        $0.pool == name && $0.thinID == origin && $0.device != nil
                    }
                    pool.thins[id] = Content(value: content.value, cut: nil, originWasActive: isActive)
                }
            }
            pool.transaction = pool.recorded
        }
        pool.messages = []
        pools[name] = pool
    }

    mutating func stage(_ planned: SnapshotSet, _ process: Int) throws {
        for member in planned.members {
            try command("lvcreate -s \(member.volume)", process) { try $0.stage(member, of: planned, process) }
        }
    }

    private mutating func stage(_ member: Member, of set: SnapshotSet, _ process: Int) throws {
        try step("stage \(member.volume): commit 1", .worker, process) { try $0.stageCommit1(member, of: set) }
        do {
            try stageInKernel(member, process)
        } catch let failure as SimulatedFailure where failure.isRolledBack {
            if volumes[member.volume]?.suspendedBy == .deadWorker { volumes[member.volume]?.suspendedBy = nil }
            rollBack(member)
            throw failure
        }
        // What was sent is forgotten.
        try step("stage \(member.volume): commit 2", .worker, process, isBegun: true) { world in
            guard let pool = world.volumes[member.volume]?.pool else { return }
            world.pools[pool]?.messages = []
        }
    }

    /// LVM freezes and suspends the origin itself, and forgets that it did so when it dies.
    private mutating func stageInKernel(_ member: Member, _ process: Int) throws {
        var isPhantom = false
        try step("stage \(member.volume): suspend", .worker, process, isBegun: true) { world in
            if world.volumes[member.volume]?.suspendedBy != nil {
                // LVM says "created", and no snapshot exists.
                world.violate("lvcreate -s of \(member.volume), which is suspended: a phantom")
                isPhantom = true
                return
            }
            if world.isFrozen(member.volume) {
                throw SimulatedFailure(description: "Unable to suspend \(member.volume): Device or resource busy")
            }
            if world.volumes[member.volume]?.device != nil {
                world.volumes[member.volume]?.suspendedBy = .deadWorker
            }
        }
        try step("stage \(member.volume): message", .worker, process, isBegun: true) { world in
            guard let pool = world.volumes[member.volume]?.pool else { return }
            if isPhantom { world.pools[pool]?.messages = [] } else { try world.flush(pool) }
        }
        do {
            try step("stage \(member.volume): resume", .worker, process, isBegun: true) { world in
                if !isPhantom { world.volumes[member.volume]?.suspendedBy = nil }
            }
        } catch var failure as SimulatedFailure {
            // The kernel has the snapshot already.
            failure.isRolledBack = false
            throw failure
        }
    }

    private mutating func stageCommit1(_ member: Member, of set: SnapshotSet) throws {
        guard let origin = volumes[member.volume] else {
            throw SimulatedFailure(description: "Failed to find logical volume \"\(member.volume)\"")
        }
        guard volumes[member.snapshot] == nil else {
            throw SimulatedFailure(description: "Logical Volume \"\(member.snapshot)\" already exists")
        }
        try flush(origin.pool)
        let inKernel = pools[origin.pool]?.thins.keys.max() ?? 0
        let inLVM = volumes.values.filter { $0.pool == origin.pool }.map(\.thinID).max() ?? 0
        let id = max(inKernel, inLVM) + 1
        snapshotCount += 1
        var tags = Tags(set: set, member: member)
        tags.set.members = []
        tags.member.snapshotUUID = "snapshot-\(snapshotCount)"
        tags.member.thinID = id
        volumes[member.snapshot] = VolumeState(
            name: member.snapshot, uuid: "snapshot-\(snapshotCount)", pool: origin.pool, thinID: id,
            sizeBytes: origin.sizeBytes, member: tags)
        pools[origin.pool]?.messages = [.snapshot(id, of: origin.thinID)]
        pools[origin.pool]?.recorded += 1
    }

    private mutating func rollBack(_ member: Member) {
        guard let volume = volumes.removeValue(forKey: member.snapshot) else { return }
        pools[volume.pool]?.messages = []
        pools[volume.pool]?.recorded -= 1
    }

    /// One commit on the first member.
    mutating func changeState(
        _ set: SnapshotSet, to state: SetState, _ name: String, _ process: Int,
        _ change: (inout SnapshotSet) -> Void = { _ in }
    ) throws {
        guard let first = set.members.first, first.index == 1 else { return }
        try command("lvchange \(first.snapshot)", process) { world in
            try world.step(name, .worker, process) { world in
                try world.demandDisks(of: first.snapshot)
                guard var tags = world.volumes[first.snapshot]?.member else {
                    throw SimulatedFailure(description: "Failed to find logical volume \"\(first.snapshot)\"")
                }
                if let pool = world.volumes[first.snapshot]?.pool { try world.flush(pool) }
                tags.set.state = state
                change(&tags.set)
                world.volumes[first.snapshot]?.member = tags
            }
        }
    }

    /// A commit for each member, the first one last.
    mutating func retag(_ set: SnapshotSet, _ process: Int) throws {
        for member in set.members.sorted(by: { $0.index > $1.index }) {
            try command("lvchange \(member.snapshot)", process) { world in
                try world.step("retag \(member.snapshot)", .worker, process) { world in
                    guard let pool = world.volumes[member.snapshot]?.pool else {
                        throw SimulatedFailure(description: "Failed to find logical volume \"\(member.snapshot)\"")
                    }
                    try world.flush(pool)
                    world.volumes[member.snapshot]?.member?.set.take(set)
                }
            }
        }
    }

    mutating func remove(_ sets: [SnapshotSet], _ process: Int) throws {
        let members = sets.flatMap { set in set.members.map { (set, $0) } }
        for (set, member) in members.filter({ $0.1.index != 1 }) + members.filter({ $0.1.index == 1 }) {
            // LVM selects by UUID and by the set's tag.
            let group = groupName(member.snapshot)
            guard let volume = volumes.values.first(where: { $0.uuid == member.snapshotUUID && $0.group == group })
            else { continue }
            guard volume.member?.set.id == set.id else {
                violate("\(volume.name) was to be removed, and is no member of \(set.name)")
                continue
            }
            try command("lvremove \(member.snapshot)", process) { try $0.remove(volume, process) }
        }
    }

    private mutating func remove(_ volume: VolumeState, _ process: Int) throws {
        try step("remove \(volume.name): commit 1", .worker, process) { world in
            try world.demandDisks(of: volume.name)
            guard !volume.isOpen else {
                throw SimulatedFailure(description: "Logical volume \(volume.name) in use.")
            }
            try world.flush(volume.pool)
            if let tags = volume.member, tags.member.index == 1 {
                let left = world.volumes.values.filter { $0.member?.set.id == tags.set.id && $0.name != volume.name }
                if !left.isEmpty { world.violate("\(volume.name) was removed before \(left.map(\.name).sorted())") }
            }
            for (name, uuid) in world.thickSnapshots where uuid == volume.uuid {
                world.violate("\(name) was removed with \(volume.name)")
            }
            world.volumes[volume.name] = nil
            world.pools[volume.pool]?.messages = [.delete(volume.thinID)]
            world.pools[volume.pool]?.recorded += 1
        }
        try step("remove \(volume.name): message", .worker, process, isBegun: true) { try $0.flush(volume.pool) }
        try step("remove \(volume.name): commit 2", .worker, process, isBegun: true) {
            $0.pools[volume.pool]?.messages = []
        }
    }

    /// Every member that LVM sees, in LVM's order.
    private func tagged() -> [Tags] {
        volumes.values.filter { !isLost($0.name) }.sorted { $0.name < $1.name }.compactMap { volume in
            volume.member.map { tags in
                var tags = tags
                tags.member.snapshot = volume.name
                return tags
            }
        }
    }

    /// The sets of which two volumes say that they are the same member.
    func ambiguousSets() -> [SnapshotSet.ID: String] {
        var result: [SnapshotSet.ID: String] = [:]
        for group in Dictionary(grouping: tagged(), by: { "\($0.set.id) \($0.member.index)" }).values
        where group.count > 1 {
            let names = group.map(\.member.snapshot).joined(separator: " and ")
            result[group[0].set.id] = "\(names) both say that they are member \(group[0].member.index)"
        }
        return result
    }

    /// As LVM's tags tell: the first member speaks for the set. Of two that are the same one the first counts.
    func foundSets() -> [SnapshotSet] {
        Dictionary(grouping: tagged(), by: \.set.id).values.compactMap { group in
            let members = Dictionary(group.map { ($0.member.index, $0) }, uniquingKeysWith: { first, _ in first })
            let sorted = members.values.sorted { $0.member.index < $1.member.index }
            guard let first = sorted.first else { return nil }
            var set = first.set
            set.members = sorted.map(\.member)
            if first.member.index != 1 {
                set.state = .degraded
                set.consistency = nil
                set.consistencyReason = nil
                set.frozenWindowMs = nil
                set.preScript = nil
                set.postScript = nil
            } else if set.state == .complete, set.members.count < set.memberCount {
                set.state = .degraded
            }
            return set
        }.sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
    }
}

extension SnapshotSet {
    /// What may change of a set.
    fileprivate mutating func take(_ other: SnapshotSet) {
        tags = other.tags
        hold = other.hold
        policy = other.policy
        schedule = other.schedule
        expiresAt = other.expiresAt
        purgeAt = other.purgeAt
    }
}
