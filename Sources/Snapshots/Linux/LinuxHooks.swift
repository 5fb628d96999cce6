public import Hooks
import LinuxSystem
import SetModel
import SystemPackage

extension LinuxStorage {
    public func hooks(_ plan: HookPlan) async throws -> any Quiescing {
        try SafeDirectory.ensure(recordDirectory)
        return try HookSession(plan, record: recordDirectory.appending(plan.run + HookRecord.suffix))
    }

    /// Runs `post` of every run whose supervisor died, after ending what it left.
    func releaseApplications(_ report: inout RecoveryReport) async {
        let names = (try? DirectoryListing.names(recordDirectory)) ?? []
        for name in names where name.hasSuffix(HookRecord.suffix) {
            let path = recordDirectory.appending(name)
            // One that cannot be read was not whole when its supervisor died: nothing had been begun.
            guard let plan = try? HookRecord.abandoned(at: path) else { continue }
            do {
                let done = try await HookSession(plan, record: path).takeOver()
                // A failure here is no reason to leave LVM alone.
                let failures = done.steps.filter { $0.status != .succeeded }.map(\.sentence)
                report.released.append(([plan.document] + failures).joined(separator: ": "))
            } catch {
                report.released.append("\(plan.document): \(error)")
            }
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
