import ArgumentParser
import FoundationEssentials
import Lifecycle
import Policies
import SetModel
import Snapshots

/// `stillpoint plan`
struct PlanCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Show for every set whether `prune` keeps or deletes it, and by which rule.")

    @OptionGroup var console: ConsoleOptions

    func perform(_ invocation: Invocation) async throws -> Outcome {
        Outcome(PlanReport(plan: try await PrunePlan.shown(invocation)))
    }
}

/// `stillpoint prune [--dry-run]`
struct PruneCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "prune", abstract: "Delete the sets that no rule wants any more: what `plan` shows.")

    @Flag(help: "Show the plan, and delete nothing.")
    var dryRun = false

    @OptionGroup var console: ConsoleOptions

    func perform(_ invocation: Invocation) async throws -> Outcome {
        if dryRun { return Outcome(PlanReport(plan: try await PrunePlan.shown(invocation))) }
        // What it deletes is counted where a run remembers things.
        let lock = try invocation.policyLock()
        defer { lock.release() }
        // What a dead run left standing may be where the clock is remembered, and LVM could wait for it.
        try await Settling.settle(invocation.service(), invocation.journal(), invocation.progress)
        let (runner, plan) = try await PrunePlan.make(invocation, remembersClock: true)
        let report = await runner.prune(plan)
        // What still stands may be where that is written.
        if report.error?.code != .stillFrozen {
            do { try count(report, of: plan, runner, try invocation.journal()) } catch {
                invocation.progress.warn("what was deleted is not counted: \(error)")
            }
        }
        return Outcome(report, error: report.error)
    }

    private func count(
        _ report: DeletionReport, of plan: RetentionPlan, _ runner: PolicyRunner, _ journal: PolicyJournal
    ) throws {
        let before = try journal.read()
        var memories = before
        memories.count(report, of: plan, known: Swift.Set(runner.policies.map(\.id)))
        if memories != before { try journal.write(memories) }
    }
}

/// What `plan` shows, and who does it.
enum PrunePlan {
    /// For who only looks.
    ///
    /// - Throws: ``SnapshotError/Code/stillFrozen`` when something is left standing: LVM could wait for it.
    static func shown(_ invocation: Invocation) async throws -> RetentionPlan {
        try await invocation.service().demandNothingLeft()
        return try await make(invocation).plan
    }

    /// - Throws: ``SnapshotError/Code/refused`` when a policy cannot be read: its sets would seem to be nobody's.
    ///
    /// - Parameters:
    ///   - inventory: when it is known already.
    ///   - remembersClock: the plan is carried out, and nothing stands still.
    static func make(
        _ invocation: Invocation, _ inventory: Inventory? = nil, remembersClock: Bool = false
    ) async throws -> (runner: PolicyRunner, plan: RetentionPlan) {
        let entries = try PolicyLoading.entries([], in: try invocation.policies())
        let memories = try invocation.journal().read()
        var runner = try invocation.runner(entries.map(\.policy))
        runner.clockAhead = try invocation.clockAhead(remembering: remembersClock)
        let found: Inventory
        if let inventory { found = inventory } else { found = try await runner.service.inventory() }
        return (runner, try await runner.plan(memories, found))
    }

    /// The ids of sets that nobody looks after, whatever keeps them.
    static func orphans(
        _ invocation: Invocation, _ inventory: Inventory? = nil
    ) async throws -> Swift.Set<String> {
        let plan = try await make(invocation, inventory).plan
        return Swift.Set(plan.decisions.filter(\.isOrphan).map(\.set.id))
    }
}

/// A plan for people and programs.
struct PlanReport: Report {
    let plan: RetentionPlan

    var json: [(key: String, value: JSON)] {
        [
            (
                "plan",
                .array(
                    plan.decisions.map { decision in
                        .object([
                            ("id", .string(decision.set.id)), ("set", .string(decision.set.name)),
                            ("createdAt", .string(Words.time(decision.set.createdAt))),
                            ("policy", .string(decision.set.policy)),
                            ("schedules", .strings(decision.set.schedules.sorted())),
                            ("action", .string(decision.action.rawValue)), ("rule", .string(decision.reason.code)),
                            ("reason", .string(decision.reason.sentence)), ("orphan", .bool(decision.isOrphan)),
                        ])
                    })
            )
        ]
    }

    var table: [Line] {
        guard !plan.decisions.isEmpty else { return [] }
        let rows = plan.decisions.map { decision in
            [
                decision.set.name, decision.set.policy ?? Words.absent, Words.time(decision.set.createdAt),
                decision.action == .notOurs ? "keep" : decision.action.rawValue, why(decision),
            ]
        }
        return [.table(Table(["SET", "POLICY", "CREATED", "DOES", "BECAUSE"].map { .init(title: $0) }, rows: rows))]
    }

    /// A floor keeps orphans, too: they must not look as if all were well with them.
    private func why(_ decision: RetentionDecision) -> String {
        let sentence = decision.reason.sentence
        return decision.isOrphan && !sentence.hasPrefix("orphan") ? "orphan: " + sentence : sentence
    }

    var emptyHint: String { "There are no sets." }
}
