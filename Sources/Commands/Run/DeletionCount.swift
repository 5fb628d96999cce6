import Lifecycle
import Policies
import Snapshots

extension [String: PolicyMemory] {
    /// Counts what was deleted, and what could not be, each for the policy whose set it was. What stays since something
    /// changed after it was planned is kept: nothing failed.
    ///
    /// - Parameter known: the ids of all policies: of one that is gone nothing is counted.
    mutating func count(_ deletion: DeletionReport, of plan: RetentionPlan, known: Swift.Set<String>) {
        let deleted = Swift.Set(deletion.deleted)
        let failures = deletion.failures.all.filter { !DeletionPremise.isOutdated($0.error) }
        let failed = Swift.Set(failures.map(\.set))
        for decision in plan.decisions where decision.action == .delete || decision.action == .purge {
            let name = decision.set.name
            guard let id = decision.set.policy, known.contains(id), deleted.contains(name) || failed.contains(name)
            else { continue }
            self[id, default: PolicyMemory()].counters.deletions.count(succeeded: deleted.contains(name))
        }
    }
}
