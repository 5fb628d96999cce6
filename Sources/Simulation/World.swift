import LinuxSystem
import SetModel
import Snapshots

/// Everything that the simulated host is made of.
struct World: Sendable {
    /// Who brought something to rest.
    enum Holder: Hashable, Sendable {
        /// A run of ours, by the number of its guard.
        case run(Int)
        /// A worker of LVM's that was killed while it took a snapshot.
        case deadWorker
        /// A hook document of ours that freezes file systems itself.
        case document
        case somebodyElse
    }

    /// What a thin device holds.
    struct Content: Equatable {
        /// The last number that was written.
        var value: Int
        /// The cut in which the snapshot was taken; `nil` for an origin, and for a snapshot that LVM took.
        var cut: Int?
        /// Whether the origin could change after the snapshot was taken.
        var originWasActive = false
    }

    /// A message of LVM's to the kernel, committed to LVM's metadata before it is sent.
    enum Message: Equatable {
        case snapshot(UInt32, of: UInt32)
        case delete(UInt32)
    }

    struct PoolState {
        var device: DeviceNumber?
        var dataPercent: Double? = 10
        var metadataPercent: Double? = 10
        var metadataSizeBytes: UInt64 = 64 << 20
        var problem: String?
        /// The commit after the next message fails, and nobody is told.
        var failsCommit = false
        /// What follows from that.
        var isReadOnly = false
        /// LVM's transaction id.
        var recorded: UInt64 = 1
        /// The kernel's.
        var transaction: UInt64 = 1
        var messages: [Message] = []
        /// The thin devices that the kernel knows.
        var thins: [UInt32: Content] = [:]
    }

    /// What tags tell of a member and its set.
    struct Tags: Equatable {
        /// Without members.
        var set: SnapshotSet
        var member: Member
    }

    struct VolumeState {
        var name: String
        var uuid: String
        var pool: String
        var thinID: UInt32
        var sizeBytes: UInt64 = 1 << 30
        var tags: [String] = []
        var device: DeviceNumber?
        var isOpen = false
        var suspendedBy: Holder?
        var member: Tags?
        var cloneOf: String?
        var content: String?
        /// Devices above it that are in use beside its file system.
        var rawDevices: [String] = []

        var group: String { groupName(name) }
        /// device-mapper's.
        var deviceUUID: String { "LVM-" + uuid }
    }

    struct FileSystemState {
        var system: FileSystem
        var frozenBy: Holder?
    }

    /// A guard, from arming on.
    struct GuardState {
        enum Life { case armed, ended, dead }

        var process: Int
        var plan: CutPlan
        var life = Life.armed
        /// Its engine was killed: it ends when it has done what it was asked to.
        var engineIsGone = false
        /// It holds a freeze that a person asked for, and outlives its engine.
        var isManual = false
    }

    var groups: [String: String?] = [:]
    var pools: [String: PoolState] = [:]
    var volumes: [String: VolumeState] = [:]
    var others: [String: String] = [:]
    /// Thick snapshots, and the UUID of the volume that each is of.
    var thickSnapshots: [String: String] = [:]
    var fileSystems: [FileSystemState] = []
    /// Mount points that stand on no thin volume, with the kind of the file system.
    var elsewhere: [String: String] = [:]

    var guards: [Int: GuardState] = [:]
    /// VG locks, by the guard that holds them.
    var locks: [String: Int] = [:]
    var deadProcesses: Set<Int> = []
    var processCount = 0
    /// A process whose engine was killed while its worker was in the middle of a command: the worker finishes that.
    var orphan: Int?
    var catalog: [SnapshotSet.ID: SnapshotSet] = [:]
    var catalogWasOpenedForWriting = false

    var trace: [Step] = []
    /// Where the counting of positions begins.
    var origin = 0
    var faults: [Fault] = []
    var struck: [Fault] = []
    var interferences: [String: [Interference]] = [:]
    /// Volume groups whose disks are away.
    var lostGroups: Set<String> = []
    var violations: [String] = []

    var writer = Writer()
    var cutCount = 0
    var deviceCount: UInt32 = 0
    var snapshotCount = 0

    mutating func violate(_ text: String) {
        if !violations.contains(text) { violations.append(text) }
    }

    mutating func nextDevice(major: UInt32 = 253) -> DeviceNumber {
        deviceCount += 1
        return DeviceNumber(major: major, minor: deviceCount)
    }

    // MARK: What stands still

    /// Mount points and volumes that a run of ours brought to rest, but for manual freezes.
    var standing: [String] {
        func isOurs(_ holder: Holder?) -> Bool {
            if holder == .document { return true }
            guard case .run(let id)? = holder else { return false }
            return guards[id]?.isManual != true
        }
        return fileSystems.filter { isOurs($0.frozenBy) }.map(\.system.label)
            + volumes.values.filter { isOurs($0.suspendedBy) }.map(\.name).sorted()
    }

    /// What a guard brought to rest: volumes, then file systems.
    func standing(of id: Int) -> (volumes: [String], fileSystems: [Int]) {
        (
            volumes.values.filter { $0.suspendedBy == .run(id) }.map(\.name).sorted(),
            fileSystems.indices.filter { fileSystems[$0].frozenBy == .run(id) }
        )
    }

    mutating func setFrozen(_ mountPoints: [String], by holder: Holder?) {
        for index in fileSystems.indices
        where fileSystems[index].system.mountPoints.contains(where: mountPoints.contains) {
            fileSystems[index].frozenBy = holder
        }
    }

    func isFrozen(_ volume: String) -> Bool {
        fileSystems.contains { $0.frozenBy != nil && $0.system.volumes.contains(volume) }
    }

    func canChange(_ name: String) -> Bool {
        guard let volume = volumes[name] else { return false }
        return volume.device != nil && volume.suspendedBy == nil && (!isFrozen(name) || !volume.rawDevices.isEmpty)
    }
}

/// The volume group of `VG/LV`.
func groupName(_ name: String) -> String { String(name.prefix { $0 != "/" }) }
