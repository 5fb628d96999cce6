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

    /// DLM's third state: the last creation failed.
    private func state(_ policy: Policy) -> String {
        policy.state == .enabled && memories[policy.id]?.problem != nil ? "ERROR" : policy.state.rawValue
    }

    var json: [(key: String, value: JSON)] {
        [
            (
                "policies",
                .array(
                    policies.map { policy in
                        .object([
                            ("id", .string(policy.id)), ("description", .string(policy.summary)),
                            ("state", .string(state(policy))), ("error", .string(memories[policy.id]?.problem)),
                            ("errorSince", .string(memories[policy.id]?.problemAt.map(Words.time))),
                            ("schedules", .strings(policy.schedules.map(\.id))),
                            ("nextRun", .string(next(policy).map(Words.time))),
                        ])
                    })
            ), ("problems", .strings(problems)),
        ]
    }

    var table: [Line] {
        let rows = policies.map { policy in
            [
                policy.id, state(policy), policy.schedules.map(\.id).joined(separator: ", "),
                next(policy).map(Words.time) ?? Words.absent, policy.summary ?? Words.absent,
            ]
        }
        let columns = ["POLICY", "STATE", "SCHEDULES", "NEXT RUN", "DESCRIPTION"]
        return (rows.isEmpty ? [] : [.table(Table(columns.map { .init(title: $0) }, rows: rows))])
            + policies.compactMap { policy in
                memories[policy.id].flatMap { memory in
                    memory.problem.map {
                        .text("\(policy.id) fails since \(memory.problemAt.map(Words.time) ?? "some time"): \($0)")
                    }
                }
            } + problems.map { .text("unusable: \($0)") }
    }

    var names: [String] { policies.map(\.id) }
    var emptyHint: String { "There are no policies in /etc/stillpoint/policies.d." }
}
