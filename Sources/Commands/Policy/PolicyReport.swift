import Lifecycle
import Policies
import SystemPackage

/// A policy for people and programs.
struct PolicyReport: Report {
    private let entry: PolicyFolder.Entry
    private let condition: PolicyCondition
    private var policy: Policy { entry.policy }

    init(_ entry: PolicyFolder.Entry, _ memory: PolicyMemory?) {
        self.entry = entry
        condition = PolicyCondition(entry.policy, memory)
    }

    var json: [(key: String, value: JSON)] {
        var fields: [(key: String, value: JSON)] = [
            ("id", .string(policy.id)), ("file", .string(entry.file.string)), ("description", .string(policy.summary)),
        ]
        fields += condition.json
        fields.append(("targets", targets))
        fields += retention
        fields.append(("schedules", .array(policy.schedules.map(json))))
        return [("policy", .object(fields))]
    }

    private var targets: JSON {
        .object([
            ("default", .bool(policy.targets.isDefault)), ("any", .strings(policy.targets.any)),
            ("all", .strings(policy.targets.all)), ("not", .strings(policy.targets.not)),
            ("excludesRoot", .bool(policy.targets.excludesRoot)),
        ])
    }

    private var retention: [(key: String, value: JSON)] {
        let retention = policy.retention
        return [
            ("whenDisabled", .string(retention.whenDisabled.rawValue)),
            ("orphans", .string(retention.orphans.rawValue)), ("orphanAge", .string(retention.orphanAge?.description)),
            ("extendDeletion", .bool(retention.extendDeletion)), ("recompute", .string(retention.recompute.rawValue)),
            ("pauseAfterFailures", retention.failuresAllowed.map { .integer(Int64($0)) } ?? .null),
            ("trash", .string(retention.trash?.description)), ("poolPressure", .number(retention.poolPressure)),
        ]
    }

    private func json(_ schedule: PolicySchedule) -> JSON {
        .object([
            ("id", .string(schedule.id)), ("create", .string(schedule.schedule.timing.text)),
            ("words", .string(schedule.schedule.words)),
            ("timeZone", .string(schedule.schedule.zone.name)),
            ("jitterMs", .integer(schedule.schedule.jitter.components.seconds * 1000)),
            ("missedRuns", .string(schedule.schedule.missedRuns.rawValue)),
            ("retain", .string("\(schedule.retain)")),
            ("copyTags", .strings(schedule.tags.copied)), ("tagsToAdd", texts(schedule.tags.added)),
            ("variableTags", texts(schedule.tags.variable)),
            ("hooks", .string(schedule.scripts?.document)), ("scripts", schedule.scripts.map(scriptsJSON) ?? .null),
        ])
    }

    private func scriptsJSON(_ scripts: PolicyScripts) -> JSON {
        let timeout: Double = scripts.timeout / .milliseconds(1)
        return .object([
            ("hooks", .string(scripts.document)), ("stages", .strings(scripts.stages.map(\.rawValue))),
            ("parameters", texts(shown(scripts.parameters))), ("sha256", .string(scripts.sha256)),
            ("timeoutMs", .number(timeout)),
            ("retries", .integer(Int64(scripts.retries))), ("onFailure", .string(scripts.onFailure.rawValue)),
        ])
    }

    /// Parameters without their values: one may be a secret, which only the document can tell, and that may be missing or
    /// another one by now. The name of a file (`@FILE`) is shown.
    private func shown(_ parameters: [String: String]) -> [String: String] {
        parameters.mapValues { $0.hasPrefix("@") && !$0.hasPrefix("@@") ? $0 : "***" }
    }

    private func texts(_ texts: [String: String]) -> JSON {
        .object(texts.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })
    }

    var table: [Line] {
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
            + policy.schedules.compactMap { schedule in
                let more = more(schedule)
                return more.isEmpty ? nil : .text("\(schedule.id): \(more.joined(separator: "; "))")
            }
    }

    private var facts: [(String, String)] {
        var facts = [("Policy", policy.id), ("File", entry.file.string), ("State", condition.state)]
        if let problem = condition.problem {
            facts.append(("Fails since", condition.since.map(Words.time) ?? "some time"))
            facts.append(("Cause", problem))
        }
        if let summary = policy.summary { facts.append(("Description", summary)) }
        if policy.targets.isDefault { facts.append(("Default", "every volume that no other enabled policy is for")) }
        for (name, words) in [
            ("Any of", policy.targets.any), ("All of", policy.targets.all), ("None of", policy.targets.not),
        ] where !words.isEmpty { facts.append((name, words.joined(separator: ", "))) }
        if policy.targets.excludesRoot { facts.append(("Without", "the volumes of /")) }
        return facts + retentionFacts
    }

    /// What the file says beyond what holds anyway.
    private var retentionFacts: [(String, String)] {
        let retention = policy.retention
        var facts: [(String, String)] = []
        if retention.whenDisabled != .keep { facts.append(("When disabled", retention.whenDisabled.rawValue)) }
        if retention.orphans != .keep || retention.orphanAge != nil {
            let age = retention.orphanAge.map { ", age \($0)" } ?? ""
            facts.append(("Orphans", retention.orphans.rawValue + age))
        }
        if retention.extendDeletion { facts.append(("Volumes gone", "all their sets expire")) }
        if retention.recompute != .new {
            facts.append(("Changed ages", "are for \(retention.recompute.rawValue) sets"))
        }
        if retention.failuresAllowed != PolicyRetention.usualFailures {
            facts.append(
                retention.failuresAllowed.map { ("Deletes nothing", "after \(Words.count($0, "failed run"))") }
                    ?? ("Failed runs", "stop no deleting"))
        }
        if let trash = retention.trash { facts.append(("Trash", "\(trash)")) }
        if let limit = retention.poolPressure { facts.append(("Pool pressure", "above \(Words.percent(limit))")) }
        return facts
    }

    private func more(_ schedule: PolicySchedule) -> [String] {
        var more: [String] = []
        if schedule.schedule.jitter > .zero {
            more.append("delayed by less than \(schedule.schedule.jitter.components.seconds)s")
        }
        if schedule.schedule.missedRuns != .catchUp { more.append("missed runs are not caught up") }
        if !schedule.tags.copied.isEmpty {
            more.append("tags of volumes: " + schedule.tags.copied.joined(separator: ", "))
        }
        let tags = schedule.tags.variable.merging(schedule.tags.added) { $1 }
        if !tags.isEmpty { more.append("tags: " + Words.tags(tags)) }
        return more + (schedule.scripts.map(hookWords) ?? [])
    }

    private func hookWords(_ scripts: PolicyScripts) -> [String] {
        var words = [
            "hooks: \(scripts.stages.map(\.rawValue).joined(separator: " and ")), \(scripts.timeout) each",
            scripts.retries == 1 ? "1 retry" : "\(scripts.retries) retries",
            scripts.onFailure == .skip ? "no set when hooks fail" : "a crash-consistent set when hooks fail",
        ]
        if !scripts.parameters.isEmpty { words.append("hook parameters: " + Words.tags(shown(scripts.parameters))) }
        if let sha256 = scripts.sha256 { words.append("only the document with SHA-256 \(sha256)") }
        return words
    }
}
