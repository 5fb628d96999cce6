import GuardProtocol
import Hooks
import LinuxSystem
import SetModel
import Snapshots
import SystemPackage

/// What a guard does, ioctl by ioctl (stillpoint-guard: Cutter, Unit, Watcher).
extension World {
    /// Runs one request. Whatever happens, the guard releases what it brought to rest, and answers or is gone.
    mutating func request<Result>(
        _ id: Int, _ process: Int, _ body: (inout World) throws -> Result
    ) throws -> Result {
        try demandLife(process)
        guard guards[id]?.life == .armed else { throw Self.guardIsGone }
        let outcome = Swift.Result { try body(&self) }
        if case .failure(let error) = outcome {
            switch error {
            case GuardStop.guardDied: guardDied(id)
            case GuardStop.everythingDied: break
            default: release(id)
            }
        }
        if guards[id]?.engineIsGone == true {
            endGuard(id)
            deadProcesses.insert(process)
        }
        try demandLife(process)
        if case .failure(GuardStop.guardDied) = outcome { throw Self.guardIsGone }
        return try outcome.get()
    }

    private static var guardIsGone: SnapshotError {
        SnapshotError(.failed, "the guard died; its watcher released everything")
    }

    // MARK: Requests

    /// - Returns: which file systems of the plan somebody else has frozen, when that is allowed.
    mutating func probe(_ id: Int, foreignFreezeAllowed: Bool) throws -> [Int] {
        var foreign: [Int] = []
        for (index, system) in (guards[id]?.plan.fileSystems ?? []).enumerated() {
            if foreignFreezeAllowed, isFrozenByOthers(system) {
                foreign.append(index)
                continue
            }
            try freeze(system, id, "probe")
            try thaw(system, id, "probe")
        }
        return foreign
    }

    private func isFrozenByOthers(_ system: FileSystem) -> Bool {
        fileSystems.contains { $0.system.device == system.device && $0.frozenBy != nil }
    }

    mutating func lock(_ id: Int) throws {
        let groups = guards[id]?.plan.volumeGroups ?? []
        if !groups.isEmpty, groups.allSatisfy({ locks[$0] == id }) { return }
        for group in groups {
            do { try guardStep("lock \(group)", id) } catch .failed {
                locks = locks.filter { $0.value != id }
                throw SnapshotError(
                    .busy, GuardFailure(.lock, group).description + "; another LVM command is at work")
            }
            locks[group] = id
        }
    }

    mutating func unlock(_ id: Int) throws {
        try attempt("unlock", id, .lock, "unlock")
        locks = locks.filter { $0.value != id }
    }

    /// - Returns: how long each file system of the plan stood still, and all together, in steps.
    mutating func cut(_ id: Int, _ set: SnapshotSet, foreignFreezeAllowed: Bool = false) throws -> CutTimes {
        guard let plan = guards[id]?.plan else { throw GuardStop.guardDied }
        func thinID(_ part: CutPlan.Part) -> UInt32 {
            set.members.first { $0.originUUID == part.volume.uuid }?.thinID ?? .max
        }
        for group in plan.volumeGroups where locks[group] != id {
            violate("a cut without the lock of \(group)")
        }
        try attempt("check unchanged", id, .changed, "")
        let activated = volumes.values.first { $0.device != nil && plan.inactive.contains($0.deviceUUID) }
        let opened = plan.parts.first { $0.fileSystem == nil && volumes[$0.volume.name]?.isOpen != $0.volume.isOpen }
        if let name = activated?.name ?? opened?.volume.name {
            throw SnapshotError(.failed, GuardFailure(.changed, name).description)
        }
        for part in plan.parts {
            try attempt("delete \(part.volume.name)", id, .delete, part.volume.name)
            if pools[part.volume.pool]?.isReadOnly == true { throw failure(.delete, part.volume.name, .notSupported) }
            guard pools[part.volume.pool]?.thins.removeValue(forKey: thinID(part)) != nil else {
                throw failure(.delete, part.volume.name, .noData)
            }
        }
        let begin = trace.count
        var begun: [Int: Int] = [:]
        for (index, system) in plan.fileSystems.enumerated() {
            if foreignFreezeAllowed, isFrozenByOthers(system) { continue }
            begun[index] = trace.count
            try freeze(system, id)
        }
        for part in plan.parts where part.fileSystem == nil { try suspend(part.volume.name, id) }
        // Everything is at rest.
        cutCount += 1
        var times = CutTimes(windowMs: 0, fileSystemMs: plan.fileSystems.map { _ in nil })
        for (index, system) in plan.fileSystems.enumerated() {
            for part in plan.parts where part.fileSystem == index { try take(part, thinID(part), id) }
            guard let begin = begun[index] else { continue }
            try thaw(system, id)
            times.fileSystemMs[index] = Double(trace.count - begin)
        }
        for part in plan.parts where part.fileSystem == nil { try take(part, thinID(part), id) }
        times.windowMs = Double(trace.count - begin)
        return times
    }

    /// What somebody froze who is no guard: by its device number, as FITHAW finds it.
    mutating func thaw(_ systems: [LeftFrozen.System], under groups: [String]) -> [String] {
        let isGuarded = guards.values.contains { $0.life == .armed }
        var labels: [String] = []
        for index in fileSystems.indices where fileSystems[index].frozenBy != nil {
            guard let system = systems.first(where: { $0.device == fileSystems[index].system.device.description })
            else { continue }
            if isGuarded, let group = groups.first(where: { locks[$0] == nil }) {
                violate("\(system.label) was thawed without the lock of \(group)")
            }
            fileSystems[index].frozenBy = nil
            labels.append(system.label)
        }
        return labels
    }

    mutating func hold(_ id: Int) throws {
        for system in guards[id]?.plan.fileSystems ?? [] { try freeze(system, id) }
        guards[id]?.isManual = true
    }

    // MARK: Single steps

    private mutating func take(_ part: CutPlan.Part, _ thinID: UInt32, _ id: Int) throws {
        let name = part.volume.name
        if volumes[name]?.suspendedBy != .run(id) { try suspend(name, id) }
        try attempt("create_snap \(name)", id, .snapshot, name)
        guard let origin = volumes[name], var pool = pools[origin.pool], let content = pool.thins[origin.thinID] else {
            throw failure(.snapshot, name, .noData)
        }
        guard !pool.isReadOnly else { throw failure(.snapshot, name, .notSupported) }
        if pool.failsCommit {
            pool.failsCommit = false
            pool.isReadOnly = true
        } else {
            pool.thins[thinID] = Content(value: content.value, cut: cutCount, originWasActive: true)
        }
        pools[origin.pool] = pool
        try resume(name, id)
    }

    private mutating func freeze(_ system: FileSystem, _ id: Int, _ prefix: String = "") throws {
        guard let index = fileSystems.firstIndex(where: { $0.system.device == system.device }) else {
            throw failure(.open, system.label, .noSuchFileOrDirectory)
        }
        try attempt("\(prefix) freeze \(system.label)".trimmed, id, .freeze, system.label)
        guard fileSystems[index].frozenBy == nil else {
            throw SnapshotError(.refused, GuardFailure(.foreignFreeze, system.label).description)
        }
        fileSystems[index].frozenBy = .run(id)
    }

    private mutating func thaw(_ system: FileSystem, _ id: Int, _ prefix: String = "") throws {
        guard let index = fileSystems.firstIndex(where: { $0.system.device == system.device }) else { return }
        try attempt("\(prefix) thaw \(system.label)".trimmed, id, .thaw, system.label)
        fileSystems[index].frozenBy = nil
    }

    private mutating func suspend(_ name: String, _ id: Int) throws {
        try attempt("suspend \(name)", id, .suspend, name)
        guard volumes[name]?.suspendedBy == nil else { throw failure(.suspend, name, .invalidArgument) }
        volumes[name]?.suspendedBy = .run(id)
    }

    private mutating func resume(_ name: String, _ id: Int) throws {
        // With the cookie, then without.
        do { try attempt("resume \(name)", id, .resume, name) } catch is SnapshotError {
            try attempt("resume \(name)", id, .resume, name)
        }
        volumes[name]?.suspendedBy = nil
    }

    private mutating func attempt(
        _ name: String, _ id: Int, _ step: GuardFailure.Step, _ subject: String
    ) throws {
        do { try guardStep(name, id) } catch .failed { throw failure(step, subject, .ioError) }
    }

    private func failure(_ step: GuardFailure.Step, _ subject: String, _ code: Errno) -> SnapshotError {
        SnapshotError(.failed, GuardFailure(step, subject, code.rawValue).description)
    }

    // MARK: Release

    /// The cutter lets everything run again that it brought to rest: one try each.
    private mutating func release(_ id: Int) {
        let (volumes, systems) = standing(of: id)
        do {
            for name in volumes {
                do { try resume(name, id) } catch is SnapshotError {}
            }
            for index in systems {
                do { try thaw(fileSystems[index].system, id) } catch is SnapshotError {}
            }
        } catch GuardStop.guardDied {
            guardDied(id)
        } catch {
            // Nobody is left.
        }
    }

    /// The cutter was killed: the kernel drops its locks, the watcher releases the rest.
    mutating func guardDied(_ id: Int) {
        guard guards[id]?.life == .armed else { return }
        guards[id]?.life = .dead
        locks = locks.filter { $0.value != id }
        watcherReleases(id)
    }

    /// The cutter was dismissed, or its engine is gone.
    mutating func endGuard(_ id: Int) {
        guard guards[id]?.life == .armed else { return }
        guards[id]?.life = .ended
        locks = locks.filter { $0.value != id }
        watcherReleases(id)
    }

    /// Three rounds stand for a loop without end.
    private mutating func watcherReleases(_ id: Int) {
        for _ in 0..<3 {
            let (volumes, systems) = standing(of: id)
            do {
                for name in volumes {
                    do { try resume(name, id) } catch is SnapshotError {}
                }
                for index in systems {
                    do { try thaw(fileSystems[index].system, id) } catch is SnapshotError {}
                }
            } catch {
                return
            }
        }
    }

    /// Releases what the record of a guard that is gone names.
    mutating func releaseLeftovers(_ process: Int) throws -> RecoveryReport {
        try demandLife(process)
        var report = RecoveryReport()
        for id in guards.keys.sorted() where guards[id]?.isManual == false {
            let (volumes, systems) = standing(of: id)
            for name in volumes {
                let isDone = try release("resume \(name)", &report, process) { $0.volumes[name]?.suspendedBy = nil }
                if isDone { report.resumed.append(name) }
            }
            for index in systems {
                let label = fileSystems[index].system.label
                let isDone = try release("thaw \(label)", &report, process) { $0.fileSystems[index].frozenBy = nil }
                if isDone { report.thawed.append(label) }
            }
            if standing(of: id) == ([], []) { guards[id] = nil }
        }
        return report
    }

    /// Resumes what a killed worker left suspended, or somebody else.
    mutating func settle(_ set: SnapshotSet, _ process: Int) throws {
        try demandLife(process)
        for name in volumes.keys.sorted() {
            guard let volume = volumes[name], let holder = volume.suspendedBy,
                holder == .deadWorker || holder == .somebodyElse,
                set.members.contains(where: { $0.originUUID == volume.uuid })
            else { continue }
            try step("resume origin \(name)", .reader, process) { $0.volumes[name]?.suspendedBy = nil }
        }
    }

    private mutating func release(
        _ name: String, _ report: inout RecoveryReport, _ process: Int, _ effect: (inout World) -> Void
    ) throws -> Bool {
        do {
            try step(name, .reader, process) { effect(&$0) }
            return true
        } catch let failure as SimulatedFailure {
            report.failures.append(failure.description)
            return false
        }
    }
}

extension String {
    fileprivate var trimmed: String { String(drop { $0 == " " }) }
}
