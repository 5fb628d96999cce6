import ArgumentParser
import Documents
import Hooks
import Lifecycle
import Policies
import SetModel
import Snapshots
import SystemPackage

/// `stillpoint policy show ID`
struct PolicyShowCommand: Verb {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show what a policy does.")

    @Argument(help: "The policy's id.")
    var policy: String

    @OptionGroup var console: ConsoleOptions

    func perform(_ invocation: Invocation) async throws -> Outcome {
        let entry = try PolicyLoading.entries([policy], in: try invocation.policies())[0]
        return Outcome(PolicyReport(entry, try invocation.journal().read()[entry.policy.id]))
    }
}

/// `stillpoint policy validate [ID...]`
struct PolicyValidateCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "validate", abstract: "Check policies: all of them, or those named.",
        discussion: "That what they are for, or exclude, is not there now is a warning: it may come.")

    @Argument(help: "The policies' ids.")
    var policies: [String] = []

    @OptionGroup var console: ConsoleOptions

    func perform(_ invocation: Invocation) async throws -> Outcome {
        let entries = try PolicyLoading.entries(policies, in: try invocation.policies())
        let library = try invocation.hooks()
        var problems: [String] = []
        for entry in entries {
            let allPlaces = try entry.places().schedules
            for schedule in entry.policy.schedules {
                let places = allPlaces[schedule.id]
                do { try schedule.schedule.requireRun(after: invocation.now) } catch {
                    problems.append(Self.sentence(entry, places?.timing, "\(error)"))
                }
                guard let scripts = schedule.scripts else { continue }
                do {
                    let document = try HookUse.document(scripts, in: library).0
                    if !scripts.stages.contains(.post), !document.post.isEmpty {
                        invocation.progress.warn(
                            Self.sentence(
                                entry, places?.hooks,
                                "stages leaves out post, which is run all the same: what pre brings to rest has to be"
                                    + " let go"))
                    }
                } catch {
                    let message = (error as? SnapshotError)?.message ?? "\(error)"
                    problems.append(Self.sentence(entry, places?.hooks, message))
                }
            }
        }
        await warnOfTargets(entries, invocation)
        await warnOfIdleExclusions(entries, invocation)
        return Outcome(checked: entries.map(\.policy.id), problems: problems)
    }

    /// With file, line and key.
    private static func sentence(_ entry: PolicyFolder.Entry, _ node: DocumentNode?, _ message: String) -> String {
        node.map { "\($0.error(message))" } ?? "\(entry.file): \(message)"
    }

    /// Each target by itself, so that each one that finds nothing is named; then all together, which one volume that is
    /// named twice keeps from being taken.
    private func warnOfTargets(_ entries: [PolicyFolder.Entry], _ invocation: Invocation) async {
        var questions: [(entry: PolicyFolder.Entry, node: DocumentNode?, selection: TargetSelection)] = []
        for entry in entries where !entry.policy.targets.isDefault {
            for node in (try? entry.places().targets) ?? [] {
                guard let word = try? node.text() else { continue }
                questions.append((entry, node, TargetSelection(PolicyTargets(any: [word]))))
            }
            questions.append((entry, nil, TargetSelection(entry.policy.targets)))
        }
        guard !questions.isEmpty else { return }
        do {
            let results = try await invocation.service().resolve(questions.map(\.selection))
            var told: Swift.Set<String> = []
            for (question, result) in zip(questions, results) {
                let problem: String
                switch result {
                case .failure(let error): problem = error.message
                case .success(let volumes) where volumes.isEmpty: problem = "every volume is excluded"
                case .success: continue
                }
                // What a target says by itself, all together say again.
                guard told.insert("\(question.entry.policy.id) \(problem)").inserted else { continue }
                invocation.progress.warn(Self.sentence(question.entry, question.node, problem))
            }
        } catch {
            invocation.progress.warn(
                "what policies are for was not looked for: \(SnapshotError(wrapping: error).message)")
        }
    }

    /// What is excluded may be gone, so that it is no error; it may as well be a slip, and then is in every set. A tag
    /// may come.
    private func warnOfIdleExclusions(_ entries: [PolicyFolder.Entry], _ invocation: Invocation) async {
        let names = entries.flatMap { entry in
            entry.policy.targets.not.filter { !$0.hasPrefix("@") }.map { (file: entry.file, name: $0) }
        }
        guard !names.isEmpty else { return }
        do {
            let results = try await invocation.service().resolve(names.map { TargetSelection(targets: [$0.name]) })
            for (excluded, result) in zip(names, results) {
                guard case .failure(let problem) = result else { continue }
                invocation.progress.warn("\(excluded.file): \(excluded.name) excludes nothing: \(problem.message)")
            }
        } catch {
            invocation.progress.warn(
                "what policies exclude was not looked for: \(SnapshotError(wrapping: error).message)")
        }
    }
}
