public import Hooks
import LinuxSystem
import SetModel
import SystemPackage

extension LinuxStorage {
    public func hooks(_ plan: HookPlan) async throws -> any Quiescing {
        var plan = plan
        try SafeDirectory.ensure(recordDirectory)
        if plan.runsPostAfterPowerCut, let lasting = lastingRecordDirectory {
            try SafeDirectory.ensure(lasting)
            plan.lastingRecord = lasting.appending(plan.run + HookRecord.suffix).string
        }
        return try HookSession(plan, record: recordDirectory.appending(plan.run + HookRecord.suffix))
    }

    public func freezable(_ plan: CutPlan) throws -> LeftFrozen {
        let members = plan.fileSystems.map {
            LeftFrozen.System(device: $0.device.description, label: $0.label)
        }
        return LeftFrozen(
            members: members, others: try LeftFrozen.others(than: members), volumeGroups: plan.volumeGroups,
            otherGroups: plan.otherGroups, lockDirectory: plan.locking.directory)
    }

    public func thaw(_ left: LeftFrozen, postFailed: Bool, isLocked: Bool) -> [String] {
        left.thaw(postFailed: postFailed, isLocked: isLocked)
    }

    /// The records of hook documents in a folder.
    private func records(in directory: FilePath) -> [FilePath] {
        ((try? DirectoryListing.names(directory)) ?? []).filter { $0.hasSuffix(HookRecord.suffix) }.sorted()
            .map { directory.appending($0) }
    }

    /// A run may have a record in each.
    private var recordDirectories: [FilePath] { [recordDirectory, lastingRecordDirectory].compactMap(\.self) }

    /// What outlives a power cut.
    private var lastingRecordDirectory: FilePath? { stateDirectory?.appending("hooks") }

    /// Runs `post` of every run whose supervisor died, after ending what it left; waits for one that still lives.
    func releaseApplications(_ report: inout RecoveryReport) async {
        // A run that has both records has none after the first was dealt with.
        for directory in recordDirectories {
            let records = records(in: directory)
            guard !records.isEmpty else { continue }
            do { try SafeDirectory.verify(directory) } catch {
                report.failures.append("hooks of an earlier run: \(error)")
                continue
            }
            for record in records { await release(record, &report) }
        }
    }

    public func leftAtRest() async throws -> [String] {
        let plans = recordDirectories.flatMap(records).filter { !HookRecord.isHeld($0) }
            .compactMap { try? HookRecord.abandoned(at: $0) }
        var runs: Set<String> = []
        return plans.filter { runs.insert($0.run).inserted }.map(\.document)
    }

    private func release(_ record: FilePath, _ report: inout RecoveryReport) async {
        // Its `post` would let go what the next run brings to rest.
        let end = ContinuousClock.now + .seconds(120)
        while HookRecord.isHeld(record) {
            guard ContinuousClock.now < end else {
                report.failures.append("hooks of an earlier run are still at work (\(record)); they end by themselves")
                return
            }
            try? await Task.sleep(for: .milliseconds(20))
        }
        // One that cannot be read was not whole when its supervisor died: nothing had been begun.
        guard let plan = try? HookRecord.abandoned(at: record) else { return }
        do {
            try SafeDirectory.ensure(recordDirectory)
            let session = try HookSession(
                plan, record: recordDirectory.appending(plan.run + HookRecord.suffix), takesOver: true)
            let done = await session.takeOver()
            let left = plan.mayLeaveFrozen?.thaw(postFailed: done.postFailed(plan.post.count)) ?? []
            await session.end()
            let failures = done.steps.filter { $0.status != .succeeded }.map(\.sentence)
            // No reason to leave LVM alone, but one to look.
            if !failures.isEmpty || !done.isClean {
                report.problems.append(
                    "hook document \(plan.document): " + (failures.isEmpty ? "it was not run" : list(failures)))
            }
            report.released.append(plan.document)
            if !left.isEmpty { report.problems.append(LeftFrozen.sentence(plan.document, left)) }
        } catch {
            report.problems.append("hook document \(plan.document): \(error)")
        }
    }
}

extension HookRequest {
    /// - Parameter left: what the document may freeze.
    func plan(for set: SnapshotSet, _ cut: CutPlan, _ left: LeftFrozen?) -> HookPlan {
        var plan = HookPlan(
            document, run: set.id,
            environment: HookEnvironment(
                setID: set.id, setName: set.name, volumes: set.members.map(\.volume),
                snapshots: set.members.map(\.snapshot), devices: cut.parts.map { "/dev/" + $0.volume.name },
                mountPoints: cut.fileSystems.map(\.label),
                policy: set.policy, schedule: set.schedule, parameters: parameters),
            stageLimit: timeout, quiesceLimit: quiesceLimit)
        plan.mayLeaveFrozen = left
        return plan
    }
}

extension LeftFrozen {
    static func sentence(_ document: String, _ labels: [String]) -> String {
        "hook document \(document) left \(list(labels)) frozen; thawed now"
    }
}
