import SetModel
import Snapshots

/// How a step of the guard ends when it does not succeed.
enum GuardStop: Error {
    case failed
    case guardDied
    case everythingDied
}

extension World {
    /// Takes note of a step, lets the writer and the outside world act, and returns the fault that strikes.
    private mutating func reach(_ name: String, _ actor: Step.Actor) -> Fault.Kind? {
        write()
        for event in interferences.removeValue(forKey: name) ?? [] { apply(event) }
        let index = trace.count - origin
        trace.append(Step(name: name, actor: actor, isGuarded: guards.values.contains { $0.life == .armed }))
        let fault = faults.first { fault in
            switch fault.position {
            case .index(let wanted): wanted == index
            case .first(let wanted), .every(let wanted): wanted == name
            case .nth(let number, let wanted):
                wanted == name && trace[origin...].count { $0.name == name } == number
            }
        }
        guard let fault else { return nil }
        struck.append(fault)
        if case .every = fault.position {} else { faults.removeAll { $0 == fault } }
        return fault.kind
    }

    private mutating func apply(_ event: Interference) {
        switch event {
        case .freeze(let mountPoint): setFrozen([mountPoint], by: .somebodyElse)
        case .thaw(let mountPoint): setFrozen([mountPoint], by: nil)
        case .suspend(let name): volumes[name]?.suspendedBy = .somebodyElse
        case .activate(let name):
            let device = nextDevice()
            volumes[name]?.device = device
        case .open(let name): volumes[name]?.isOpen = true
        case .failCommit(let name):
            if let pool = volumes[name]?.pool { pools[pool]?.failsCommit = true }
        case .loseGroup(let name): lostGroups.insert(name)
        case .removeSnapshot(let origin):
            let newest = volumes.values.filter { $0.member?.member.volume == origin }.max { $0.thinID < $1.thinID }
            guard let newest else { return }
            volumes[newest.name] = nil
            pools[newest.pool]?.thins[newest.thinID] = nil
            pools[newest.pool]?.recorded += 1
            pools[newest.pool]?.transaction += 1
        }
    }

    /// - Throws: ``SimulatedDeath`` when the engine's process is dead.
    func demandLife(_ process: Int) throws {
        if deadProcesses.contains(process), orphan != process { throw SimulatedDeath() }
    }

    /// A command of LVM's. A worker whose engine dies meanwhile finishes it, and begins no other one.
    mutating func command(_ words: String, _ process: Int, _ body: (inout World) throws -> Void) throws {
        try lvmCommand(words, process)
        if let name = volumes.values.first(where: { $0.suspendedBy == .deadWorker })?.name {
            violate("LVM command \"\(words)\" while a dead worker's \(name) is suspended")
        }
        let outcome = Swift.Result { try body(&self) }
        if orphan == process {
            orphan = nil
            throw SimulatedDeath()
        }
        try outcome.get()
    }

    /// A step of the engine's own, or of its LVM worker.
    ///
    /// - Parameter isBegun: the step is not the first one of its LVM command.
    mutating func step<Result>(
        _ name: String, _ actor: Step.Actor, _ process: Int, isBegun: Bool = false,
        _ effect: (inout World) throws -> Result
    ) throws -> Result {
        try demandLife(process)
        switch reach(name, actor) {
        case nil: return try effect(&self)
        case .fails: throw SimulatedFailure(description: "simulated: \(name) failed")
        case .workerDies:
            throw SimulatedFailure(description: "simulated: the worker died before \(name)", isRolledBack: false)
        case .failsAfterwards:
            _ = try effect(&self)
            throw SimulatedFailure(
                description: "simulated: \(name) was done, and reported as failed", isRolledBack: false)
        case .guardDies:
            for id in guards.keys.sorted() where guards[id]?.life == .armed { guardDied(id) }
            try demandLife(process)
            return try effect(&self)
        case .engineDies:
            engineDied(process)
            guard isBegun else { throw SimulatedDeath() }
            orphan = process
            return try effect(&self)
        case .everythingDies:
            everythingDied(process)
            throw SimulatedDeath()
        case .powerCut:
            powerCut()
            throw SimulatedDeath()
        }
    }

    /// A step of a guard.
    mutating func guardStep(_ name: String, _ id: Int) throws(GuardStop) {
        switch reach(name, .cutter) {
        case nil: return
        case .fails, .failsAfterwards, .workerDies: throw .failed
        case .guardDies: throw .guardDied
        case .engineDies: guards[id]?.engineIsGone = true
        case .everythingDies:
            everythingDied(guards[id]?.process ?? 0)
            throw .everythingDied
        case .powerCut:
            powerCut()
            throw .everythingDied
        }
    }

    // MARK: Deaths

    /// The engine's guard reads the end of its socket.
    private mutating func engineDied(_ process: Int) {
        deadProcesses.insert(process)
        for id in guards.keys.sorted() where guards[id]?.process == process && guards[id]?.isManual == false {
            endGuard(id)
        }
    }

    private mutating func everythingDied(_ process: Int) {
        deadProcesses.insert(process)
        for id in guards.keys where guards[id]?.process == process && guards[id]?.isManual == false {
            guards[id]?.life = .dead
            locks = locks.filter { $0.value != id }
        }
    }

    private mutating func powerCut() {
        for process in 0...processCount { deadProcesses.insert(process) }
        guards = [:]
        locks = [:]
        for index in fileSystems.indices { fileSystems[index].frozenBy = nil }
        for name in volumes.keys { volumes[name]?.suspendedBy = nil }
        // Activation sends what was not sent.
        for name in pools.keys { try? flush(name) }
    }
}
