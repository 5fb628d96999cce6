import Events
import Lifecycle
import Policies

/// What no event has told of a policy yet. It is remembered until one has: a run may die before it tells, or not dare to
/// write.
struct PolicyNews: Sendable {
    let detail: EventDetail
    private let policy: String
    /// Whose runs were missed; `nil`: the policy is in another state.
    private let schedule: String?

    static func all(of memories: [String: PolicyMemory]) -> [PolicyNews] {
        let sorted = memories.sorted { $0.key < $1.key }
        return sorted.flatMap { id, memory in missed(id, memory) }
            + sorted.compactMap { id, memory in state(id, memory) }
    }

    private static func missed(_ id: String, _ memory: PolicyMemory) -> [PolicyNews] {
        memory.untold.sorted { $0.key < $1.key }.map { schedule, runs in
            PolicyNews(
                detail: .missedRuns(
                    MissedRuns(
                        policyId: id, scheduleId: schedule, count: runs.count, firstTime: runs.first,
                        lastTime: runs.last)),
                policy: id, schedule: schedule)
        }
    }

    private static func state(_ id: String, _ memory: PolicyMemory) -> PolicyNews? {
        guard (memory.problem == nil) != (memory.toldProblem == nil) else { return nil }
        let (state, cause) =
            memory.problem.map { (PolicyStateChange.State.error, $0) } ?? (.enabled, "its sets are taken again")
        return PolicyNews(
            detail: .policyStateChange(PolicyStateChange(policyId: id, state: state, cause: cause)), policy: id,
            schedule: nil)
    }

    /// An event has told of it.
    func markTold(in memories: inout [String: PolicyMemory]) {
        if let schedule {
            memories[policy]?.untold[schedule] = nil
        } else {
            let problem = memories[policy]?.problem
            memories[policy]?.toldProblem = problem
        }
    }
}
