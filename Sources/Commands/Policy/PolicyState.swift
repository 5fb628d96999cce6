import ArgumentParser
import Events
import Lifecycle
import Policies
import SetModel
import Snapshots

/// `stillpoint policy enable ID...`
struct PolicyEnableCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "enable", abstract: "Let policies take and expire sets: writes their state into their files.")

    @Argument(help: "The policies' ids.")
    var policies: [String]

    @OptionGroup var console: ConsoleOptions

    func perform(_ invocation: Invocation) async throws -> Outcome {
        try PolicyState.set(.enabled, policies, "enabled", invocation)
    }
}

/// `stillpoint policy disable ID...`
struct PolicyDisableCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "disable", abstract: "Let policies take no more sets; what becomes of old ones, whenDisabled says."
    )

    @Argument(help: "The policies' ids.")
    var policies: [String]

    @OptionGroup var console: ConsoleOptions

    func perform(_ invocation: Invocation) async throws -> Outcome {
        try PolicyState.set(.disabled, policies, "disabled", invocation)
    }
}

private enum PolicyState {
    static func set(
        _ state: Policy.State, _ ids: [String], _ done: String, _ invocation: Invocation
    ) throws -> Outcome {
        let folder = try invocation.policies()
        // All are looked up before any is changed.
        let entries = try PolicyLoading.entries(ids, in: folder)
        let changed = entries.map(\.policy).filter { $0.state != state }
        if state == .enabled { try skipRuns(of: changed, invocation) }
        do {
            for entry in entries { try folder.setState(state, in: entry.file) }
        } catch {
            throw SnapshotError(.failed, String(describing: error))
        }
        EventRecorder(try invocation.eventLog()).record(
            changed.map { policy in
                .policyStateChange(
                    PolicyStateChange(
                        policyId: policy.id, state: state == .enabled ? .enabled : .disabled,
                        cause: "somebody \(done) it"))
            }, invocation.progress)
        return Outcome(PathsReport(done: done, paths: ids))
    }

    /// What passed while they were disabled is neither missed nor caught up, also where no run was called meanwhile. One
    /// that is at work does it itself.
    private static func skipRuns(of policies: [Policy], _ invocation: Invocation) throws {
        guard !policies.isEmpty, let lock = try? invocation.policyLock() else { return }
        defer { lock.release() }
        let journal = try invocation.journal()
        // While something may stand still, the next run does it.
        guard !journal.isSetAside else { return }
        let before = try journal.read()
        var memories = before
        for policy in policies { memories[policy.id]?.skipRuns(of: policy, through: invocation.now) }
        if memories != before { try journal.write(memories) }
    }
}
