import ArgumentParser
import FoundationEssentials
import Lifecycle
import Policies

/// `stillpoint policy list`
struct PolicyListCommand: Verb {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the policies of this host.")

    @OptionGroup var console: ConsoleOptions

    func perform(_ invocation: Invocation) async throws -> Outcome {
        let (entries, problems) = try PolicyLoading.all(try invocation.policies())
        let memories = try invocation.journal().read()
        return Outcome(
            PolicyListReport(
                policies: entries.map(\.policy), memories: memories, problems: problems, now: invocation.now))
    }
}

/// The policies, and what is wrong with files that cannot be used.
struct PolicyListReport: Report {
    let policies: [Policy]
    let memories: [String: PolicyMemory]
    let problems: [String]
    let now: Date

    private func next(_ policy: Policy) -> Date? {
        guard policy.state == .enabled else { return nil }
        return policy.schedules.compactMap { $0.schedule.next(after: now) }.min()
    }

    private func condition(_ policy: Policy) -> PolicyCondition { PolicyCondition(policy, memories[policy.id]) }

    var json: [(key: String, value: JSON)] {
        [
            ("policies", .array(policies.map { .object(fields(of: $0)) })), ("problems", .strings(problems)),
        ]
    }

    private func fields(of policy: Policy) -> [(key: String, value: JSON)] {
        var fields: [(key: String, value: JSON)] = [
            ("id", .string(policy.id)), ("description", .string(policy.summary)),
        ]
        fields += condition(policy).json
        fields.append(("schedules", .strings(policy.schedules.map(\.id))))
        fields.append(("nextRun", .string(next(policy).map(Words.time))))
        return fields
    }

    var table: [Line] {
        let rows = policies.map { policy in
            [
                policy.id, condition(policy).state, policy.schedules.map(\.id).joined(separator: ", "),
                next(policy).map(Words.time) ?? Words.absent, policy.summary ?? Words.absent,
            ]
        }
        let columns = ["POLICY", "STATE", "SCHEDULES", "NEXT RUN", "DESCRIPTION"]
        return (rows.isEmpty ? [] : [.table(Table(columns.map { .init(title: $0) }, rows: rows))])
            + policies.compactMap(trouble) + problems.map { .text("unusable: \($0)") }
    }

    private func trouble(_ policy: Policy) -> Line? {
        let condition = condition(policy)
        guard let problem = condition.problem else { return nil }
        return .text("\(policy.id) fails since \(condition.since.map(Words.time) ?? "some time"): \(problem)")
    }

    var names: [String] { policies.map(\.id) }
    var emptyHint: String { "There are no policies in /etc/stillpoint/policies.d." }
}
