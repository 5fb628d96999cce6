import ArgumentParser
import Lifecycle
import Policies
import SetModel
import Snapshots

/// `stillpoint adopt SET... --policy ID [--schedule ID]`
struct AdoptCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "adopt", abstract: "Let a policy look after sets: orphans, or such that were made by hand.")

    @Argument(help: .set, transform: NameArgument.set)
    var sets: [String]

    @Option(help: "The policy's id.")
    var policy: String

    @Option(help: "Which of its schedules counts them; may be repeated. (default: all)")
    var schedule: [String] = []

    @OptionGroup var console: ConsoleOptions

    func perform(_ invocation: Invocation) async throws -> Outcome {
        let policy = try PolicyLoading.entries([self.policy], in: try invocation.policies())[0].policy
        let ids = policy.schedules.map(\.id)
        if let unknown = schedule.first(where: { !ids.contains($0) }) {
            throw SnapshotError(.usage, "policy \(policy.id) has no schedule \(unknown)")
        }
        let schedules = schedule.isEmpty ? ids : ids.filter(schedule.contains)
        let service = try invocation.service()
        return try await ChangedReport.of(sets, done: "adopted", invocation, mayLetGo: true) { set in
            // Its age counts from its own time.
            let createdAt = try await service.show(set).createdAt
            return .adopt(
                policy: policy.id, schedules: schedules,
                expiresAt: policy.rules().expiry(createdAt: createdAt, schedules: Swift.Set(schedules)))
        }
    }
}
