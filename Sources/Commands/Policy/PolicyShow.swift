import ArgumentParser
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
        await warnOfIdleExclusions(entries, invocation)
        return Outcome(checked: entries.map(\.policy.id), problems: problems)
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
