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

    /// What outlives a power cut.
    private var lastingRecordDirectory: FilePath? { stateDirectory?.appending("hooks") }

    /// Runs `post` of every run whose supervisor died, after ending what it left.
    func releaseApplications(_ report: inout RecoveryReport) async {
        // A run that has both records has none after the first was dealt with.
        for directory in [recordDirectory, lastingRecordDirectory].compactMap(\.self) {
            let names = (try? DirectoryListing.names(directory)) ?? []
            for name in names where name.hasSuffix(HookRecord.suffix) {
                // One that cannot be read was not whole when its supervisor died: nothing had been begun.
                guard let plan = try? HookRecord.abandoned(at: directory.appending(name)) else { continue }
                await release(plan, &report)
            }
        }
    }

    private func release(_ plan: HookPlan, _ report: inout RecoveryReport) async {
        do {
            try SafeDirectory.ensure(recordDirectory)
            let session = try HookSession(plan, record: recordDirectory.appending(plan.run + HookRecord.suffix))
            let done = await session.takeOver()
            await session.end()
            // A failure here is no reason to leave LVM alone.
            let failures = done.steps.filter { $0.status != .succeeded }.map(\.sentence)
            report.released.append(([plan.document] + failures).joined(separator: ": "))
        } catch {
            report.released.append("\(plan.document): \(error)")
        }
    }
}

extension HookRequest {
    func plan(for set: SnapshotSet, _ cut: CutPlan) -> HookPlan {
        HookPlan(
            document, run: set.id,
            environment: HookEnvironment(
                setID: set.id, setName: set.name, volumes: set.members.map(\.volume),
                devices: cut.parts.map { "/dev/" + $0.volume.name }, mountPoints: cut.fileSystems.map(\.label),
                policy: set.policy, schedule: set.schedule, parameters: parameters),
            stageLimit: timeout, quiesceLimit: quiesceLimit)
    }
}
