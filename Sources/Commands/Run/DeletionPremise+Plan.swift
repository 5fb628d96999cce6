import Lifecycle
import SetModel
import Snapshots

extension DeletionPremise {
    /// For each set that goes, by id.
    static func of(_ plan: RetentionPlan) -> [SnapshotSet.ID: DeletionPremise] {
        let (successors, holders) = (plan.successors, plan.holders)
        let premises = plan.leaving.map { decision in
            let set = decision.set
            return (
                set.id,
                DeletionPremise(
                    policy: set.policy, schedules: set.schedules, state: set.state, expiresAt: set.expiresAt,
                    purgeAt: set.purgeAt, successors: successors[set.id], holders: holders[set.id] ?? [:],
                    rule: decision.reason.sentence)
            )
        }
        return Dictionary(premises) { first, _ in first }
    }
}
