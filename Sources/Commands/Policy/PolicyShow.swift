import ArgumentParser
import Lifecycle
import Policies
import SetModel
import SystemPackage

/// `stillpoint policy show ID`
struct PolicyShowCommand: Verb {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show what a policy does.")

    @Argument(help: "The policy's id.")
    var policy: String

    @OptionGroup var console: ConsoleOptions

    func perform(_ invocation: Invocation) async throws -> Outcome {
        Outcome(PolicyReport(try PolicyLoading.entries([policy], in: try invocation.policies())[0]))
    }
}

/// `stillpoint policy validate [ID...]`
struct PolicyValidateCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "validate", abstract: "Check policies: all of them, or those named.")

    @Argument(help: "The policies' ids.")
    var policies: [String] = []

    @OptionGroup var console: ConsoleOptions

    func perform(_ invocation: Invocation) async throws -> Outcome {
        let entries = try PolicyLoading.entries(policies, in: try invocation.policies())
        let library = try invocation.hooks()
        var problems: [String] = []
        for entry in entries {
            for schedule in entry.policy.schedules {
                do { try schedule.schedule.requireRun(after: invocation.now) } catch {
                    problems.append("\(entry.file): schedule \(schedule.id): \(error)")
                }
                guard let scripts = schedule.scripts else { continue }
                do {
                    _ = try HookUse.document(scripts, in: library)
                } catch {
                    problems.append(
                        "\(entry.file): schedule \(schedule.id): scripts: \((error as? SnapshotError)?.message ?? "\(error)")"
                    )
                }
            }
        }
        return Outcome(checked: entries.map(\.policy.id), problems: problems)
    }
}

/// A policy for people and programs.
struct PolicyReport: Report {
    private let entry: PolicyFolder.Entry
    private var policy: Policy { entry.policy }

    init(_ entry: PolicyFolder.Entry) { self.entry = entry }

    var json: [(key: String, value: JSON)] {
        [
            (
                "policy",
                .object([
                    ("id", .string(policy.id)), ("file", .string(entry.file.string)),
                    ("description", .string(policy.summary)), ("state", .string(policy.state.rawValue)),
                    (
                        "targets",
                        .object([
                            ("any", .strings(policy.targets.any)), ("all", .strings(policy.targets.all)),
                            ("not", .strings(policy.targets.not)), ("excludesRoot", .bool(policy.targets.excludesRoot)),
                        ])
                    ),
                    (
                        "schedules",
                        .array(
                            policy.schedules.map { schedule in
                                .object([
                                    ("id", .string(schedule.id)), ("create", .string(schedule.schedule.timing.text)),
                                    ("words", .string(schedule.schedule.words)),
                                    ("timeZone", .string(schedule.schedule.zone.name)),
                                    ("retain", .string("\(schedule.retain)")),
                                    ("hooks", .string(schedule.scripts?.document)),
                                ])
                            })
                    ),
                ])
            )
        ]
    }

    var table: [Line] {
        var facts = [("Policy", policy.id), ("File", entry.file.string), ("State", policy.state.rawValue)]
        if let summary = policy.summary { facts.append(("Description", summary)) }
        for (name, words) in [
            ("Any of", policy.targets.any), ("All of", policy.targets.all), ("None of", policy.targets.not),
        ] where !words.isEmpty { facts.append((name, words.joined(separator: ", "))) }
        if policy.targets.excludesRoot { facts.append(("Without", "the volumes of /")) }
        let rows = policy.schedules.map { schedule in
            [
                schedule.id, schedule.schedule.words, "\(schedule.retain)",
                schedule.scripts?.document ?? Words.absent,
            ]
        }
        return [
            .table(Table(facts: facts.map { (name: $0.0, value: $0.1) })), .text(""),
            .table(
                Table(["SCHEDULE", "RUNS", "KEEPS", "HOOKS"].map { .init(title: $0) }, rows: rows)),
        ]
    }
}
