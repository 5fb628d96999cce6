import Glibc
import GuardProtocol
import LVM
import LinuxSystem
import SetModel
import SystemPackage

extension LinuxStorage {
    public func startGuard() -> any StartedGuard {
        let start = Result { () throws -> (PacketSocket, ChildProcess) in
            let (own, other) = try PacketSocket.pair()
            return (own, try ChildProcess.spawn(try guardExecutable(), standardInput: other.descriptor))
        }
        return LinuxGuard(storage: self, start: start)
    }
}

/// A guard process of ours that waits for its plan.
struct LinuxGuard: StartedGuard {
    let storage: LinuxStorage
    let start: Result<(PacketSocket, ChildProcess), any Error>

    func arm(_ plan: CutPlan) async throws -> any CutSession {
        let (socket, process) = try start.get()
        let recordDirectory = storage.recordDirectory
        do {
            try SafeDirectory.ensure(recordDirectory)
            guard try MemoryBacked.contains(recordDirectory) else {
                throw SnapshotError(
                    .refused, "\(recordDirectory) is not on tmpfs: a run record on a disk could be frozen itself")
            }
        } catch {
            throw (error as? SnapshotError)
                ?? SnapshotError(.refused, "the run directory cannot be used", cause: error)
        }
        let record = recordDirectory.appending(plan.run + ".record")
        let locks = plan.volumeGroups.map { group in
            GuardPlan.GroupLock(
                directory: plan.locking.directory, volumeGroup: group, auxiliary: plan.locking.prioritisesWriters)
        }
        let guardPlan = GuardPlan(
            run: plan.run, recordPath: record.string,
            fileSystems: plan.fileSystems.map { system in
                GuardPlan.FileSystem(
                    path: system.openPath, mountID: system.mountID, device: system.device,
                    level: plan.level(of: system), label: system.label)
            },
            volumes: plan.parts.map { part in
                GuardPlan.Volume(
                    device: part.volume.device ?? DeviceNumber(major: 0, minor: 0), uuid: part.volume.deviceUUID,
                    fileSystem: part.fileSystem, pool: part.poolDevice, originThinID: part.volume.thinID,
                    isOpen: part.volume.isOpen)
            }, inactive: plan.inactive, locks: locks,
            workerLock: storage.runDirectory.appending(LinuxStorage.workerLockName).string)
        return try GuardSession(guardPlan, plan, socket, process, record: record)
    }
}

extension CutPlan {
    /// How many file systems of the plan are below one another down from here.
    func level(of system: FileSystem) -> Int {
        let below = fileSystems.filter { system.below.contains($0.device) }
        return (below.map { level(of: $0) }.max() ?? -1) + 1
    }
}

/// A guard process of ours, seen from the engine.
///
/// Requests block the calling thread: there is nothing else for the engine to do meanwhile, and the guard's own
/// deadlines bound them.
final class GuardSession: CutSession, @unchecked Sendable {
    private let socket: PacketSocket
    private let process: ChildProcess
    private let plan: CutPlan
    private let record: RunRecord
    private var isOver = false
    /// The guard was asked for LVM's locks, and not to give them back.
    private var mayBeLocked = false
    /// When it was asked last. It gives up the locks of an engine that says nothing for a minute.
    private var lastRequest = ContinuousClock.now
    /// It did not answer.
    private var isMute = false
    private(set) var hasDied = false

    init(
        _ guardPlan: GuardPlan, _ plan: CutPlan, _ socket: PacketSocket, _ process: ChildProcess, record: FilePath
    ) throws {
        self.plan = plan
        self.process = process
        self.socket = socket
        do {
            try Self.request(.arm(guardPlan), socket, timeoutMs: 60_000)
            self.record = try RunRecord.open(record)
        } catch {
            throw Self.explain(error, isCut: false)
        }
    }

    func probe(max: Duration, foreignFreezeAllowed: Bool) async throws -> [Int] {
        try perform(.probe(maxMs: max.milliseconds, foreignFreezeAllowed: foreignFreezeAllowed), bound: max)
        return plan.fileSystems.indices.filter { record.state(ofFileSystem: $0) == .foreign }
    }

    func lock(max: Duration) async throws {
        if mayBeLocked {
            if ContinuousClock.now - lastRequest < .seconds(45) {
                // An answer means that it lives, and that the minute begins anew.
                try perform(.release, bound: .seconds(10), grace: .zero)
                return
            }
            try await unlock()
        }
        mayBeLocked = true
        do { try perform(.lock(maxMs: max.milliseconds), bound: max) } catch {
            mayBeLocked = false
            guard case let failure as GuardFailure = error, failure.step == .lock else { throw error }
            guard failure.code == 0 else { throw SnapshotError(.failed, failure.description) }
            throw SnapshotError(.busy, failure.description + "; another LVM command is at work")
        }
    }

    func unlock() async throws {
        mayBeLocked = false
        try perform(.unlock, bound: .seconds(10))
    }

    func cut(_ set: SnapshotSet, max: Duration, foreignFreezeAllowed: Bool) async throws -> CutTimes {
        let ids = plan.parts.map { part in
            set.members.first { $0.originUUID == part.volume.uuid }?.thinID ?? .max
        }
        try perform(
            .cut(maxMs: max.milliseconds, foreignFreezeAllowed: foreignFreezeAllowed, snapshotThinIDs: ids), bound: max)
        return CutTimes(
            windowMs: (record.windowNs ?? 0).milliseconds,
            fileSystemMs: plan.fileSystems.indices.map { record.frozenNs(ofFileSystem: $0)?.milliseconds })
    }

    func hold(for duration: Duration) async throws {
        // The guard answers when everything stands, and goes on by itself.
        try perform(.hold(maxMs: duration.milliseconds), bound: duration)
        isOver = true
    }

    func dismiss() async throws {
        guard !isOver else { return }
        isOver = true
        try? socket.send(GuardRequest.dismiss.encoded())
        let code = process.wait(timeoutMs: 15_000)
        // Its watcher outlives a cutter that was killed, and releases what that one left.
        let begin = ContinuousClock.now
        while record.isHeldByGuard(), ContinuousClock.now - begin < .seconds(15) { usleep(10_000) }
        // When both are dead, what the record says is released by way of the record.
        record.letGo()
        guard record.standsStill else { return }
        throw SnapshotError(
            .stillFrozen,
            "\(list(standing)) may still be frozen or suspended; run `stillpoint recover`"
                + (code == nil ? "; the guard still tries" : ""))
    }

    /// Mount points and devices that the record does not know to run.
    private var standing: [String] {
        let systems = (0..<record.fileSystemCount).filter {
            [.freezing, .frozen].contains(record.state(ofFileSystem: $0))
        }.map { record.label(ofFileSystem: $0) }
        let volumes = (0..<record.volumeCount).filter {
            [.suspending, .suspended].contains(record.state(ofVolume: $0))
        }.map { plan.parts[$0].volume.name }
        return systems + volumes
    }

    /// - Parameter grace: how much longer than its own deadlines a guard may take that waits for a disk.
    private func perform(_ request: GuardRequest, bound: Duration, grace: Duration = .seconds(600)) throws {
        guard !isMute else { throw Self.explain(Errno.timedOut, isCut: true) }
        lastRequest = ContinuousClock.now
        do {
            try Self.request(request, socket, timeoutMs: (bound + grace).milliseconds)
        } catch {
            if case let code as Errno = error, code == .timedOut { isMute = true }
            if error is GuardDied { hasDied = true }
            throw Self.explain(error, isCut: true)
        }
        lastRequest = ContinuousClock.now
    }

    private static func request(_ request: GuardRequest, _ socket: PacketSocket, timeoutMs: UInt64) throws {
        do { try socket.send(request.encoded()) } catch {
            guard error == .brokenPipe || error == .connectionReset else { throw error }
        }
        while true {
            guard let packet = try socket.receive(timeoutMs: Int32(clamping: timeoutMs)) else {
                throw GuardDied()
            }
            switch try GuardReply(decoding: packet) {
            case .ok: return
            case .failed(let failure): throw failure
            // All others run again; the last word follows when this one does, too.
            case .stuck: continue
            }
        }
    }

    static func explain(_ error: any Error, isCut: Bool) -> any Error {
        guard let failure = error as? GuardFailure else {
            if error is GuardDied { return SnapshotError(.failed, "the guard died") }
            if let code = error as? Errno, code == .timedOut {
                return SnapshotError(.stillFrozen, "the guard does not answer; run `stillpoint recover`")
            }
            return error
        }
        switch failure.step {
        case .lock: return failure
        case .foreignFreeze, .open, .plan:
            return SnapshotError(.refused, failure.description)
        case .freeze where failure.code == Errno.notSupported.rawValue:
            return SnapshotError(.refused, failure.description)
        case .deadline, .failsafe:
            var error = SnapshotError(.failed, failure.description)
            error.failsafe = .freeze
            return error
        default: return SnapshotError(.failed, failure.description)
        }
    }
}

/// Its end of the socket is closed.
private struct GuardDied: Error {}

extension Duration {
    /// Rounded down.
    var milliseconds: UInt64 {
        UInt64(max(0, components.seconds)) * 1000 + UInt64(max(0, components.attoseconds) / 1_000_000_000_000_000)
    }
}

extension UInt64 {
    /// Nanoseconds in milliseconds, to the microsecond.
    var milliseconds: Double { Double(self / 1000) / 1000 }
}
