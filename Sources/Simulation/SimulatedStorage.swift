public import Hooks
public import LinuxSystem
public import SetModel
public import Snapshots

/// A host's storage as one engine process sees it. Make another one for the process that comes after a death.
public struct SimulatedStorage: Storage, StartedGuard {
    let host: SimulatedHost
    let process: Int
    private let startHooks: (@Sendable (HookPlan) throws -> any Quiescing)?

    /// The storage of a new process.
    ///
    /// - Parameter startHooks: runs hook documents, which are not simulated; `nil`: they are refused.
    public init(_ host: SimulatedHost, startHooks: (@Sendable (HookPlan) throws -> any Quiescing)? = nil) {
        self.host = host
        self.startHooks = startHooks
        process = host.with { world in
            world.processCount += 1
            return world.processCount
        }
    }

    /// Whether the process was killed.
    public var isDead: Bool { host.with { [process] in $0.deadProcesses.contains(process) } }

    /// The catalog as this process opens it.
    public func openCatalog(forWriting: Bool) throws -> SimulatedCatalog {
        try host.with { [process] world in
            try world.step("open catalog", .catalog, process) { world in
                if forWriting { world.catalogWasOpenedForWriting = true }
            }
        }
        return SimulatedCatalog(host: host, process: process)
    }

    /// One `lvs`.
    public func survey() async throws -> Survey {
        try host.with { [process] world in
            try world.lvmCommand("lvs", process)
            return try world.step("survey", .reader, process) { $0.survey() }
        }
    }

    /// One `lvs`.
    public func sets() async throws -> (sets: [SnapshotSet], isComplete: Bool) {
        try host.with { [process] world in
            try world.lvmCommand("lvs", process)
            return try world.step("find sets", .reader, process) { ($0.foundSets(), $0.lostGroups.isEmpty) }
        }
    }

    /// What a path names.
    public func locate(_ path: String) async throws -> PathTarget {
        try host.with { [process] world in
            try world.step("locate \(path)", .reader, process) { $0.locate(path) }
        }
    }

    /// One LVM job: for each member a commit, a message to the pool, and a commit.
    public func stage(_ set: SnapshotSet) async throws {
        try host.with { [process] in try $0.stage(set, process) }
    }

    /// Asks the kernel only.
    public func verify(_ set: SnapshotSet, _ pools: [DeviceNumber: UInt64]) async throws {
        try host.with { [process] world in
            try world.step("verify", .reader, process) { try $0.verify(pools) }
        }
    }

    /// One commit. What is not of one instant is a violation.
    public func complete(_ set: SnapshotSet) async throws {
        try host.with { [process] world in
            try world.changeState(set, to: .complete, "complete", process) { stored in
                stored.consistency = set.consistency
                stored.consistencyReason = set.consistencyReason
                stored.frozenWindowMs = set.frozenWindowMs
                stored.preScript = set.scriptStatus(.pre)
                stored.postScript = set.scriptStatus(.post)
            }
            let found = world.foundSets().first { $0.id == set.id }
            if found?.state != .complete { world.violate("\(set.name) was completed with members missing") }
            for flaw in found.map(world.flaws) ?? [] { world.violate(flaw) }
        }
    }

    /// A commit for each member, the first one last.
    public func retag(_ set: SnapshotSet) async throws {
        try host.with { [process] in try $0.retag(set, process) }
    }

    /// One commit for each set.
    public func markDeleting(_ sets: [SnapshotSet]) async throws {
        try host.with { [process] world in
            for set in sets { try world.changeState(set, to: .deleting, "mark deleting", process) }
        }
    }

    /// One LVM job: for each member a commit, a message to the pool, and a commit.
    public func remove(_ sets: [SnapshotSet]) async throws {
        try host.with { [process] in try $0.remove(sets, process) }
    }

    /// Starts nothing yet.
    public func startGuard() -> any StartedGuard { self }

    /// Starts a guard.
    public func arm(_ plan: CutPlan) async throws -> any CutSession {
        try host.with { [process] world in
            try world.step("arm", .reader, process) { world in
                for part in plan.parts where world.volumes[part.volume.name]?.suspendedBy != nil {
                    throw SnapshotError(.refused, "\(part.volume.name) could not be opened as planned")
                }
            }
        }
        let id = host.with { [process] world in
            let id = (world.guards.keys.max() ?? 0) + 1
            world.guards[id] = World.GuardState(process: process, plan: plan)
            return id
        }
        return SimulatedSession(host: host, process: process, id: id)
    }

    /// Applications are not simulated, so nothing else is left.
    public func releaseStanding() async throws -> RecoveryReport { try await releaseLeftovers() }

    /// Resumes and thaws, a step for each, what dead guards left.
    public func releaseLeftovers() async throws -> RecoveryReport {
        try host.with { [process] in try $0.releaseLeftovers(process) }
    }

    /// Resumes, a step for each, what a killed worker left suspended.
    public func settle(_ set: SnapshotSet) async throws {
        try host.with { [process] in try $0.settle(set, process) }
    }

    /// Reads under the guard's lock.
    public func confirmStaged(
        _ set: SnapshotSet
    ) async throws -> (set: SnapshotSet, pools: [DeviceNumber: UInt64]) {
        try host.with { [process] world in
            try world.step("confirm staged", .reader, process) { world in
                let hasGuard = world.guards.values.contains { $0.process == process && $0.life == .armed }
                if world.locks.isEmpty, hasGuard { world.violate("\(set.name) was confirmed without a lock") }
                return try world.confirmStaged(set)
            }
        }
    }

    /// Every file system of the host.
    public func freezable(_ plan: CutPlan) throws -> LeftFrozen {
        let members = plan.fileSystems.map { LeftFrozen.System(device: $0.device.description, label: $0.label) }
        let all = host.with { world in
            world.fileSystems.map { LeftFrozen.System(device: $0.system.device.description, label: $0.system.label) }
        }
        return LeftFrozen(
            members: members, others: all.filter { !members.contains($0) }, volumeGroups: plan.volumeGroups,
            otherGroups: plan.otherGroups, lockDirectory: plan.locking.directory)
    }

    /// Whoever froze it: FITHAW does not ask. Without the lock of a member's volume group it is a violation.
    public func thaw(_ left: LeftFrozen, postFailed: Bool, isLocked: Bool) -> [String] {
        host.with { world in
            world.thaw(left.members + (postFailed ? left.others : []), under: left.volumeGroups)
        }
    }

    /// Applications are not simulated.
    public func hooks(_ plan: HookPlan) async throws -> any Quiescing {
        guard let startHooks else { throw SnapshotError(.refused, "the simulation runs no hooks") }
        return try startHooks(plan)
    }

    /// Applications are not simulated.
    public func leftAtRest() async throws -> [String] { [] }

    /// What guards hold that are dead.
    public func leftStanding() async throws -> [String] {
        host.with { world in
            let dead = world.guards.keys.sorted().filter { id in
                world.guards[id].map { !$0.isManual && $0.life != .armed } ?? false
            }
            return dead.flatMap { id in
                let (volumes, systems) = world.standing(of: id)
                return systems.map { world.fileSystems[$0].system.label } + volumes
            }
        }
    }

    /// What manual freezes hold.
    public func manualFreezes() async throws -> [String] {
        try host.with { [process] world in
            try world.step("find manual freezes", .reader, process) { $0.manualFreezes() }
        }
    }

    /// Thaws what manual freezes hold.
    public func endManualFreezes() async throws -> [String] {
        try host.with { [process] world in
            try world.step("end manual freezes", .reader, process) { $0.endManualFreezes() }
        }
    }
}

/// An armed guard of the simulation.
struct SimulatedSession: CutSession {
    let host: SimulatedHost
    let process: Int
    let id: Int

    func probe(max: Duration, foreignFreezeAllowed: Bool) async throws -> [Int] {
        try request { [id] in try $0.probe(id, foreignFreezeAllowed: foreignFreezeAllowed) }
    }

    func lock(max: Duration) async throws { try request { [id] in try $0.lock(id) } }

    func cut(_ set: SnapshotSet, max: Duration, foreignFreezeAllowed: Bool) async throws -> CutTimes {
        try request { [id] in try $0.cut(id, set, foreignFreezeAllowed: foreignFreezeAllowed) }
    }

    var hasDied: Bool { host.with { [id] in $0.guards[id]?.life == .dead } }

    func unlock() async throws { try request { [id] in try $0.unlock(id) } }

    func hold(for duration: Duration) async throws { try request { [id] in try $0.hold(id) } }

    func dismiss() async throws {
        try host.with { [id, process] world in
            try world.demandLife(process)
            guard world.guards[id]?.isManual == false else { return }
            world.endGuard(id)
            try world.demandLife(process)
            let (volumes, systems) = world.standing(of: id)
            let names = volumes + systems.map { world.fileSystems[$0].system.label }
            guard names.isEmpty else {
                throw SnapshotError(
                    .stillFrozen,
                    "\(names.joined(separator: ", ")) may still be frozen or suspended; run `stillpoint recover`")
            }
            world.guards[id] = nil
        }
    }

    private func request<Result: Sendable>(_ body: @Sendable (inout World) throws -> Result) throws -> Result {
        try host.with { [id, process] in try $0.request(id, process, body) }
    }
}
