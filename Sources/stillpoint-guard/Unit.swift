import CLinux
import DeviceMapper
import Glibc
import GuardProtocol
import LinuxSystem
import SystemPackage

/// The prepared ioctls of one volume.
final class VolumeTasks: @unchecked Sendable {
    let index: Int
    let entry: UnsafeMutablePointer<sp_run_volume>
    let suspend: DeviceTask
    /// Their messages carry the thin id that staging gave.
    let delete: DeviceTask
    let snapshot: DeviceTask
    let resume: DeviceTask
    private let originThinID: UInt32
    /// Without a udev cookie: for whoever has to release and cannot wait.
    let release: DeviceTask

    init(index: Int, plan: GuardPlan.Volume, record: RunRecord) throws(DeviceMapperError) {
        self.index = index
        entry = record.volume(index)
        let device = DeviceAddress.number(plan.device)
        let pool = DeviceAddress.number(plan.pool)
        suspend = try DeviceTask.make(.suspend, "suspend", device)
        try suspend.skipLockFS()
        delete = try DeviceTask.make(.message, "delete", pool)
        snapshot = try DeviceTask.make(.message, "create_snap", pool)
        originThinID = plan.originThinID
        resume = try DeviceTask.make(.resume, "resume", device)
        release = try DeviceTask.make(.resume, "resume", device)
    }

    func setSnapshot(_ thinID: UInt32) throws(DeviceMapperError) {
        try delete.setMessage("delete \(thinID)")
        try snapshot.setMessage("create_snap \(thinID) \(originThinID)")
    }

    var state: UnsafeMutablePointer<UInt32> { UnsafeMutableRawPointer(entry).assumingMemoryBound(to: UInt32.self) }
}

/// What comes to rest together: a file system and the volumes under it, or one volume without a file system.
///
/// Every change is stored in the run record before and after the call that makes it, so that whoever reads the
/// record, at whatever moment, knows what may stand still.
final class Unit: @unchecked Sendable {
    typealias FileSystemState = RunRecord.FileSystemState
    typealias VolumeState = RunRecord.VolumeState

    let fileSystem: Int?
    let level: Int
    let volumes: [VolumeTasks]
    private let descriptor: FileDescriptor
    private let entry: UnsafeMutablePointer<sp_run_filesystem>?
    /// Counts events of resumes that were run with the cookie.
    private(set) var resumed = 0

    /// - Parameter descriptor: open on the file system; kept open, so that it cannot be unmounted meanwhile.
    init(fileSystem: Int?, level: Int, descriptor: FileDescriptor, volumes: [VolumeTasks], record: RunRecord) {
        self.fileSystem = fileSystem
        self.level = level
        self.descriptor = descriptor
        self.volumes = volumes
        entry = fileSystem.map { record.fileSystem($0) }
    }

    private var state: UnsafeMutablePointer<UInt32>? {
        entry.map { UnsafeMutableRawPointer($0).assumingMemoryBound(to: UInt32.self) }
    }

    private func set(_ value: FileSystemState) { if let state { sp_atomic_store(state, value.rawValue) } }

    private func set(_ value: VolumeState, _ tasks: VolumeTasks) { sp_atomic_store(tasks.state, value.rawValue) }

    private var isFrozen: Bool { state.map { sp_atomic_load($0) == FileSystemState.frozen.rawValue } ?? false }

    var isForeign: Bool { state.map { sp_atomic_load($0) == FileSystemState.foreign.rawValue } ?? false }

    /// Whether the unit still is on its way to rest.
    var isComing: Bool {
        if let state { return sp_atomic_load(state) <= FileSystemState.freezing.rawValue }
        return volumes.contains { sp_atomic_load($0.state) <= VolumeState.suspending.rawValue }
    }

    func sync() {
        if fileSystem != nil { _ = FileSystemFreeze.sync(descriptor) }
    }

    /// Brings the unit to rest: freezes its file system, or suspends its volume where there is none to freeze.
    func rest() -> Failure? {
        guard let entry else {
            for tasks in volumes { if let failure = suspend(tasks) { return failure } }
            return nil
        }
        entry.pointee.freezing_ns = sp_monotonic_ns()
        set(.freezing)
        let code = FileSystemFreeze.freeze(descriptor)
        switch code {
        case 0:
            entry.pointee.frozen_ns = sp_monotonic_ns()
            set(.frozen)
            return nil
        case EBUSY:
            entry.pointee.freezing_ns = 0
            set(.foreign)
            return Failure(.foreignFreeze, unit: self, code)
        default:
            entry.pointee.freezing_ns = 0
            entry.pointee.error = code
            set(.failed)
            return Failure(.freeze, unit: self, code)
        }
    }

    /// Takes every volume of the unit anew. Every volume of every unit is at rest.
    func cut(unlessAborted gate: Gate) -> Failure? {
        for tasks in volumes {
            if gate.isAborted { return nil }
            if sp_atomic_load(tasks.state) != VolumeState.suspended.rawValue, let failure = suspend(tasks) {
                return failure
            }
            StopPoint.reach("guard.suspended")
            if gate.isAborted { return nil }
            let code = tasks.snapshot.attempt()
            tasks.entry.pointee.error = code
            if code != 0 { return Failure(.snapshot, volume: tasks, code) }
            tasks.entry.pointee.snapped_ns = sp_monotonic_ns()
            tasks.entry.pointee.recut = 0
            StopPoint.reach("guard.snapped")
            if let failure = resume(tasks) { return failure }
        }
        return nil
    }

    private func suspend(_ tasks: VolumeTasks) -> Failure? {
        tasks.entry.pointee.suspending_ns = sp_monotonic_ns()
        set(.suspending, tasks)
        let code = tasks.suspend.attempt()
        if code == 0 {
            set(.suspended, tasks)
            return nil
        }
        tasks.entry.pointee.suspending_ns = 0
        tasks.entry.pointee.error = code
        set(.failed, tasks)
        return Failure(.suspend, volume: tasks, code)
    }

    private func resume(_ tasks: VolumeTasks) -> Failure? {
        resumed += 1
        var code = tasks.resume.attempt()
        if code != 0 {
            // Without a cookie, and so that udev's rules run all the same.
            DeviceMapperLibrary.withoutUdevSynchronisation()
            code = tasks.release.attempt()
        }
        guard code == 0 else { return Failure(.resume, volume: tasks, code) }
        tasks.entry.pointee.resumed_ns = sp_monotonic_ns()
        set(.resumed, tasks)
        return nil
    }

    /// Lets everything run again that this process brought to rest.
    func wake() -> Failure? {
        var failure: Failure?
        for tasks in volumes where sp_atomic_load(tasks.state) == VolumeState.suspended.rawValue {
            failure = resume(tasks) ?? failure
        }
        guard isFrozen, let entry else { return failure }
        let code = FileSystemFreeze.thaw(descriptor)
        guard code == 0 || code == EINVAL else { return Failure(.thaw, unit: self, code) }
        entry.pointee.thawed_ns = sp_monotonic_ns()
        set(.thawed)
        // EINVAL: somebody was faster, and from then on writes went on.
        return code == 0 ? failure : failure ?? Failure(.lostFreeze, unit: self)
    }

    /// Whether a file system that somebody else froze still is frozen. Only FIFREEZE tells; where it succeeds it was not,
    /// and is ours to thaw, by the record as any other.
    func stillForeign() -> Bool {
        set(.freezing)
        let code = FileSystemFreeze.freeze(descriptor)
        guard code == 0 else {
            set(.foreign)
            return code == EBUSY
        }
        set(.frozen)
        _ = wake()
        return false
    }

    /// One try to release whatever the record says may stand still, on behalf of a cutter that may be dead.
    ///
    /// While the cutter lives, a call of its own may still be on its way: FIFREEZE or the suspend may succeed after
    /// this returns. So this is repeated until nothing is left, or until it was done once after the cutter's death.
    ///
    /// - Parameter cutterIsDead: no call of the cutter's is on its way any more.
    /// - Returns: whether nothing is left to release.
    func releaseForCutter(cutterIsDead: Bool) -> Bool {
        var isDone = true
        for tasks in volumes {
            let value = sp_atomic_load(tasks.state)
            guard value == VolumeState.suspending.rawValue || value == VolumeState.suspended.rawValue else { continue }
            let code = tasks.release.attempt()
            if code == 0, cutterIsDead || value == VolumeState.suspended.rawValue {
                tasks.entry.pointee.resumed_ns = sp_monotonic_ns()
                set(.resumed, tasks)
            } else {
                isDone = false
            }
        }
        guard let state, let entry else { return isDone }
        let value = sp_atomic_load(state)
        guard value == FileSystemState.freezing.rawValue || value == FileSystemState.frozen.rawValue else {
            return isDone
        }
        switch FileSystemFreeze.thaw(descriptor) {
        case 0:
            entry.pointee.thawed_ns = sp_monotonic_ns()
            set(.thawed)
        case EINVAL where cutterIsDead || value == FileSystemState.frozen.rawValue:
            entry.pointee.thawed_ns = sp_monotonic_ns()
            set(.thawed)
        default: isDone = false
        }
        return isDone
    }
}

/// A failure inside the window: plain values, put into words afterwards.
struct Failure: Sendable {
    enum Subject: Sendable { case fileSystem(Int), volume(Int), none }

    var step: GuardFailure.Step
    var subject: Subject
    var code: Int32

    init(_ step: GuardFailure.Step, _ code: Int32 = 0) {
        self.step = step
        subject = .none
        self.code = code
    }

    init(_ step: GuardFailure.Step, unit: Unit, _ code: Int32 = 0) {
        self.step = step
        self.code = code
        if let index = unit.fileSystem {
            subject = .fileSystem(index)
        } else {
            subject = unit.volumes.first.map { .volume($0.index) } ?? .none
        }
    }

    init(_ step: GuardFailure.Step, volume: VolumeTasks, _ code: Int32) {
        self.step = step
        subject = .volume(volume.index)
        self.code = code
    }
}
