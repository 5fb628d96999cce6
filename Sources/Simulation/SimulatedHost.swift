import LinuxSystem
public import SetModel
import Snapshots
import Synchronization

/// A host in memory: volume groups, pools, thin volumes, file systems, and what may go wrong with them.
///
/// It refuses what LVM and the kernel refuse, keeps a list of ``violations`` of the agreement that every run must
/// keep, and lets a fault strike at any step. Engines use it through ``SimulatedStorage``, one for each process.
public final class SimulatedHost: Sendable {
    let world: Mutex<World>

    /// An empty host.
    public init() { world = Mutex(World()) }

    private init(_ world: sending World) { self.world = Mutex(world) }

    /// Another host in the same state.
    public func copy() -> SimulatedHost { SimulatedHost(with { world in world }) }

    /// LVM finishes what a command that was killed had begun, as the next command in each pool does.
    public func finishKilledCommands() {
        with { world in
            for name in world.pools.keys { try? world.flush(name) }
        }
    }

    func with<Result>(_ body: (inout sending World) throws -> sending Result) rethrows -> sending Result {
        try world.withLock(body)
    }

    // MARK: Building

    /// A volume group. `problem` finishes "volume group VG ...".
    public func addGroup(_ name: String, problem: String? = nil) { with { $0.groups[name] = .some(problem) } }

    /// A thin pool `VG/POOL`, active unless told otherwise; its VG is made when it is not there. How full it is may not
    /// be known.
    public func addPool(
        _ name: String, dataPercent: Double? = 10, metadataPercent: Double? = 10, problem: String? = nil,
        isActive: Bool = true
    ) {
        with { world in
            var pool = World.PoolState()
            if isActive { pool.device = world.nextDevice() }
            pool.dataPercent = dataPercent
            pool.metadataPercent = metadataPercent
            pool.problem = problem
            world.pools[name] = pool
            world.others[name] = "a thin pool"
            if world.groups[groupName(name)] == nil { world.groups[groupName(name)] = .some(nil) }
        }
    }

    /// A pool becomes so full.
    public func fill(_ pool: String, dataPercent: Double) { with { $0.pools[pool]?.dataPercent = dataPercent } }

    /// The catalog is gone.
    public func loseCatalog() { with { $0.catalog = [:] } }

    /// A thin volume `VG/LV` in a pool.
    ///
    /// - Parameters:
    ///   - isActive: has a device.
    ///   - isOpen: something uses the device directly.
    ///   - cloneOf: the set that it is a throw-away clone of.
    ///   - content: what lies on it, as libblkid names it.
    ///   - uuid: LVM's; `nil`: made of the name.
    public func addVolume(
        _ name: String, pool: String, tags: [String] = [], isActive: Bool = true, isOpen: Bool = false,
        cloneOf: String? = nil, content: String? = nil, uuid: String? = nil
    ) {
        with { world in
            let id = (world.pools[pool]?.thins.keys.max() ?? 0) + 1
            world.pools[pool]?.thins[id] = World.Content(value: 100)
            var volume = World.VolumeState(name: name, uuid: uuid ?? "uuid-" + name, pool: pool, thinID: id)
            volume.tags = tags
            if isActive { volume.device = world.nextDevice() }
            volume.isOpen = isOpen
            volume.cloneOf = cloneOf
            volume.content = content
            world.volumes[name] = volume
        }
    }

    /// A logical volume that is not thin. `kind` is what it is instead: `a linear volume`.
    public func addOther(_ name: String, _ kind: String) { with { $0.others[name] = kind } }

    /// A thick snapshot `VG/LV` of a volume: it goes with that one.
    public func addThickSnapshot(_ name: String, of volume: String) {
        with { world in
            world.others[name] = "a linear volume"
            world.thickSnapshots[name] = world.volumes[volume]?.uuid
        }
    }

    /// A volume that is not thin is removed by a person.
    public func removeOther(_ name: String) {
        with { world in
            world.others[name] = nil
            world.thickSnapshots[name] = nil
        }
    }

    /// A mounted file system on thin volumes.
    ///
    /// - Parameters:
    ///   - below: mount points of file systems that it stands on through a loop device.
    ///   - otherDevices: what else it stands on.
    public func mount(
        _ kind: String, on names: [String], at mountPoints: String..., below: [String] = [],
        otherDevices: [String] = []
    ) {
        with { world in
            let single = names.count == 1 ? world.volumes[names[0]]?.device : nil
            let lower = world.fileSystems.map(\.system).filter { system in
                below.contains(where: system.mountPoints.contains)
            }
            let system = FileSystem(
                device: single ?? world.nextDevice(major: 0), kind: kind, mountPoints: mountPoints,
                openPath: mountPoints.first ?? "", mountID: UInt64(world.fileSystems.count + 1),
                below: lower.map(\.device), volumes: names, otherDevices: otherDevices)
            world.fileSystems.append(World.FileSystemState(system: system))
            for name in names { world.volumes[name]?.isOpen = true }
        }
    }

    /// Somebody writes to a part of the volume past its file system: a partition, a mapping.
    public func useRaw(_ name: String, through device: String) { with { $0.volumes[name]?.rawDevices.append(device) } }

    /// A mounted file system that stands on no thin volume.
    public func mountElsewhere(_ kind: String, at mountPoint: String) { with { $0.elsewhere[mountPoint] = kind } }

    /// Lets the writer write to these volumes, in this order, a little at every step.
    public func startWriter(on volumes: [String], seed: UInt64 = 1) {
        with { $0.writer = Writer(order: volumes, seed: seed) }
    }

    /// Freezes a file system, as a person would.
    public func freezeFromOutside(_ mountPoint: String) {
        with { $0.setFrozen([mountPoint], by: .somebodyElse) }
    }

    /// Freezes file systems, as a hook document does. Until they are thawed, no LVM command may run.
    public func freezeByDocument(_ mountPoints: [String]) {
        with { world in
            if !mountPoints.isEmpty, world.locks.isEmpty { world.violate("a document froze without LVM's locks") }
            world.setFrozen(mountPoints, by: .document)
        }
    }

    /// Thaws file systems, as a hook document does.
    public func thawByDocument(_ mountPoints: [String]) { with { $0.setFrozen(mountPoints, by: nil) } }

    /// Suspends a volume, as a person would.
    public func suspendFromOutside(_ volume: String) { with { $0.volumes[volume]?.suspendedBy = .somebodyElse } }

    /// Opens or closes the device of a volume, as a mount would.
    public func setOpen(_ volume: String, _ isOpen: Bool) { with { $0.volumes[volume]?.isOpen = isOpen } }

    /// Removes a volume behind the engine's back.
    public func removeFromOutside(_ name: String) {
        with { world in
            guard let volume = world.volumes.removeValue(forKey: name) else { return }
            world.pools[volume.pool]?.thins[volume.thinID] = nil
        }
    }

    /// The disks of a volume group are there a second time, under another name: UUIDs of volumes and tags are the same,
    /// as after vgimportclone(8).
    public func copyGroup(_ group: String, to copy: String) {
        func renamed(_ name: String) -> String { copy + name.dropFirst(group.count) }
        with { world in
            world.groups[copy] = .some(nil)
            for (name, var pool) in world.pools where groupName(name) == group {
                pool.device = nil
                world.pools[renamed(name)] = pool
                world.others[renamed(name)] = "a thin pool"
            }
            for var volume in world.volumes.values where volume.group == group {
                volume.name = renamed(volume.name)
                volume.pool = renamed(volume.pool)
                volume.device = nil
                volume.isOpen = false
                world.volumes[volume.name] = volume
            }
        }
    }

    /// A volume group and all of it is gone for good.
    public func removeGroup(_ group: String) {
        with { world in
            world.groups[group] = nil
            world.pools = world.pools.filter { groupName($0.key) != group }
            world.others = world.others.filter { groupName($0.key) != group }
            world.volumes = world.volumes.filter { $0.value.group != group }
        }
    }

    /// Sets a pool's transaction ids: LVM's and the kernel's.
    public func setTransactions(_ pool: String, recorded: UInt64, kernel: UInt64) {
        with { world in
            world.pools[pool]?.recorded = recorded
            world.pools[pool]?.transaction = kernel
        }
    }

    /// Pools whose metadata could not be committed take writes again, as after `lvconvert --repair`.
    public func repairPools() {
        with { world in
            for name in world.pools.keys { world.pools[name]?.isReadOnly = false }
        }
        finishKilledCommands()
    }

    // MARK: Faults

    /// Lets faults strike. Positions count from the steps taken so far.
    public func inject(_ faults: Fault...) { inject(faults) }

    /// Lets faults strike. Positions count from the steps taken so far.
    public func inject(_ faults: [Fault]) {
        with { world in
            world.faults = faults
            world.struck = []
            world.origin = world.trace.count
        }
    }

    /// No fault strikes any more.
    public func clearFaults() { with { $0.faults = [] } }

    /// Lets something happen from outside just before the next step of this name.
    public func interfere(before step: String, _ event: Interference) {
        with { $0.interferences[step, default: []].append(event) }
    }

    /// The disks of all volume groups are there again.
    public func findGroups() { with { $0.lostGroups = [] } }

    /// The faults that struck since the last ``inject(_:)``.
    public var struck: [Fault] { with { $0.struck } }

    /// The steps taken since the last ``inject(_:)``.
    public var trace: [Step] { with { Array($0.trace[$0.origin...]) } }

    // MARK: Judging

    /// What the engine did against the agreement, and what is wrong with sets that say that they are complete.
    public var violations: [String] { with { $0.violations + $0.flaws() } }

    /// Guards, locks, frozen file systems and suspended devices that a call left.
    public var leftBehind: [String] { with { $0.leftBehind() } }

    /// Everything that lasts, a line each: equal when the storage is equal.
    public var state: [String] { with { $0.lines() } }

    /// The sets that the tags tell of.
    public var sets: [SnapshotSet] { with { $0.foundSets() } }

    /// The catalog's content.
    public var catalog: [SnapshotSet] {
        with { world in world.catalog.values.sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) } }
    }

    /// Whether a catalog was made.
    public var catalogWasOpenedForWriting: Bool { with { $0.catalogWasOpenedForWriting } }

    /// Mount points and volumes that a run of ours brought to rest, but for manual freezes.
    public var standing: [String] { with { $0.standing } }

    /// Mount points that stand still, whoever froze them.
    public var frozen: [String] {
        with { world in world.fileSystems.filter { $0.frozenBy != nil }.map(\.system.label) }
    }
}
