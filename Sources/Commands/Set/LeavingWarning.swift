import Lifecycle
import SetModel
import Snapshots

/// What a person who changes whom a set belongs to wants to know: rules may let it go at once.
enum LeavingWarning {
    /// Warns of those of the sets that the next run deletes. Where that cannot be known nothing is said.
    static func tell(of sets: [SnapshotSet], _ invocation: Invocation) async {
        guard !sets.isEmpty, let plan = try? await PrunePlan.make(invocation).plan else { return }
        let ids = Swift.Set(sets.map(\.id))
        for decision in plan.leaving where ids.contains(decision.set.id) {
            let name = decision.set.name
            invocation.progress.warn(
                "the next run lets set \(name) go: \(decision.reason.sentence); `stillpoint hold \(name)` keeps it")
        }
    }
}
