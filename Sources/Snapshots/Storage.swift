public import Hooks
public import LinuxSystem
public import SetModel

/// What a path names.
public enum PathTarget: Sendable, Equatable {
    /// A directory or file on a mounted file system, by the superblock's device number.
    case fileSystem(DeviceNumber, kind: String, mountPoint: String)
    /// A block device, and for it and each device below it those that it stands on directly.
    case device(DeviceNumber, below: [DeviceNumber: [DeviceNumber]])
    case missing(String)
}

/// The host's storage, as the engine uses it: LVM and device-mapper, or memory in tests.
///
/// Everything that changes something says whether it is done when it throws; the engine undoes.
public protocol Storage: Sendable {
    /// Reads everything. Changes nothing.
    func survey() async throws -> Survey
    /// Reads only what LVM's tags tell of sets: what `list` needs.
    /// - Returns: the sets, and whether LVM could read everything.
    func sets() async throws -> (sets: [SnapshotSet], isComplete: Bool)
    func locate(_ path: String) async throws -> PathTarget
    /// Creates the snapshots of a set, inactive and tagged as staged, the first member first.
    func stage(_ set: SnapshotSet) async throws
    /// Checks after the cut, still under LVM's lock, that the kernel's pools are where LVM believes them to be,
    /// and have committed what they were told.
    /// - Parameter pools: What ``confirmStaged(_:)`` found.
    func verify(_ set: SnapshotSet, _ pools: [DeviceNumber: UInt64]) async throws
    /// The commit point: one LVM commit on the first member turns `staged` to `complete`.
    func complete(_ set: SnapshotSet) async throws
    /// Writes on every member what may change of a set: user tags, hold, owner, expiry, trash. The first member is last:
    /// what it tells counts.
    func retag(_ set: SnapshotSet) async throws
    /// Marks sets as being deleted: one LVM commit on the first member of each.
    func markDeleting(_ sets: [SnapshotSet]) async throws
    /// Removes the members of sets, and only snapshots that carry their set's tag and have the UUID: first members last.
    func remove(_ sets: [SnapshotSet]) async throws
    /// Starts a guard that knows of nothing yet. What goes wrong is said when it is armed.
    func startGuard() -> any StartedGuard
    /// What a hook document may freeze: the file systems of the plan, which nobody has frozen now, and all others.
    func freezable(_ plan: CutPlan) throws -> LeftFrozen
    /// Thaws what a hook document froze and did not thaw. The guard holds LVM's locks if it still can.
    ///
    /// - Parameters:
    ///   - postFailed: the others count, too: see ``LeftFrozen``.
    ///   - isLocked: the guard does hold them.
    /// - Returns: what was frozen, by name.
    func thaw(_ left: LeftFrozen, postFailed: Bool, isLocked: Bool) -> [String]
    /// Starts what runs a hook document. Nothing is brought to rest yet.
    func hooks(_ plan: HookPlan) async throws -> any Quiescing
    /// Resumes and thaws what dead guards left, and lets applications go that dead supervisors left at rest. Returns what it did; never throws for one failure.
    func releaseLeftovers() async throws -> RecoveryReport
    /// The part of it that resumes and thaws: what stands, and not what is at rest.
    func releaseStanding() async throws -> RecoveryReport
    /// Puts right what an LVM worker left that died in the middle of a snapshot of the set: origins that are suspended,
    /// and what the pool has made and LVM would ask for again. Under LVM's lock of each volume group: who holds it knows
    /// that LVM is not at work on them.
    func settle(_ set: SnapshotSet) async throws
    /// Reads, under LVM's lock, what was staged, so that no other snapshot's thin id is deleted.
    /// - Returns: the set with thin ids and UUIDs, and LVM's transaction id of each active pool of it, by the pool's
    ///   device.
    func confirmStaged(_ set: SnapshotSet) async throws -> (set: SnapshotSet, pools: [DeviceNumber: UInt64])
    /// What dead guards may have left standing still. Changes nothing.
    func leftStanding() async throws -> [String]
    /// Hook documents of which `post` was not run, and nobody is left who would. Changes nothing.
    func leftAtRest() async throws -> [String]
    /// What stands still because a person asked for it.
    func manualFreezes() async throws -> [String]
    /// Ends living guards that hold a manual freeze.
    func endManualFreezes() async throws -> [String]
    /// Mounts sets. Storage without file systems has a default that refuses.
    var mounter: any Mounter { get }
}

/// What a guard works on.
public struct CutPlan: Sendable, Equatable {
    public struct Part: Sendable, Equatable {
        public var volume: Volume
        public var poolDevice: DeviceNumber
        /// Index into ``CutPlan/fileSystems``.
        public var fileSystem: Int?

        public init(volume: Volume, poolDevice: DeviceNumber, fileSystem: Int?) {
            self.volume = volume
            self.poolDevice = poolDevice
            self.fileSystem = fileSystem
        }
    }

    /// The set's id.
    public var run: String
    public var fileSystems: [FileSystem]
    public var parts: [Part]
    /// device-mapper's UUIDs of members that were not active, and so are not cut: they must not become so.
    public var inactive: [String]
    /// Volume groups whose lock is held, sorted.
    public var volumeGroups: [String]
    /// All others of the host.
    public var otherGroups: [String] = []
    public var locking: Locking

    public init(
        run: String, fileSystems: [FileSystem], parts: [Part], inactive: [String] = [], volumeGroups: [String],
        locking: Locking = Locking()
    ) {
        self.inactive = inactive
        self.locking = locking
        self.run = run
        self.fileSystems = fileSystems
        self.parts = parts
        self.volumeGroups = volumeGroups
    }
}

/// How long things stood still, in milliseconds.
public struct CutTimes: Sendable, Equatable {
    /// From the first freeze to the last thaw.
    public var windowMs: Double
    /// By index of ``CutPlan/fileSystems``; `nil` where somebody else had frozen it.
    public var fileSystemMs: [Double?]

    public init(windowMs: Double, fileSystemMs: [Double?]) {
        self.windowMs = windowMs
        self.fileSystemMs = fileSystemMs
    }
}

/// A guard that was started, while other things are found out. It ends when this is dropped before it is armed.
public protocol StartedGuard: Sendable {
    /// Gives it file systems and volumes, once. Nothing stands still yet.
    func arm(_ plan: CutPlan) async throws -> any CutSession
}

/// A guard that is armed. Whatever happens to the engine, nothing that it freezes stays frozen past its deadline.
public protocol CutSession: Sendable {
    /// Freezes and thaws each file system once: all can be frozen, none is frozen already.
    ///
    /// - Parameter foreignFreezeAllowed: one that is frozen already is no error.
    /// - Returns: those that are, by index of ``CutPlan/fileSystems``.
    @discardableResult
    func probe(max: Duration, foreignFreezeAllowed: Bool) async throws -> [Int]
    /// Takes LVM's lock of every volume group of the plan; nothing is done when the guard holds them already.
    func lock(max: Duration) async throws
    /// Makes the cut. Staged thin ids are deleted and created anew at the instant. When it throws, everything was
    /// released, and the members hold nothing that may be used.
    ///
    /// - Parameter set: the set as it was staged.
    /// - Parameter foreignFreezeAllowed: a file system that somebody else froze before is left to him, as long as it
    ///   stays so until the cut is over.
    func cut(_ set: SnapshotSet, max: Duration, foreignFreezeAllowed: Bool) async throws -> CutTimes
    func unlock() async throws
    /// The guard died: its watcher releases what stands, or nobody does.
    var hasDied: Bool { get }
    /// Freezes and returns; the guard thaws after `duration` whatever becomes of this process.
    func hold(for duration: Duration) async throws
    /// Ends the guard. What it could not release is in the error.
    func dismiss() async throws
}
