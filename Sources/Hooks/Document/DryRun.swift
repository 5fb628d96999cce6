import Glibc

extension HookDocument {
    /// The document as it is tried without doing anything; `nil` for one that cannot be.
    public var dryRun: HookDocument? {
        guard format == .ssm, !rehearsal.isEmpty else { return nil }
        var document = self
        document.pre = rehearsal
        document.post = []
        document.hold = nil
        return document
    }

    /// What the steps need and is not there, a sentence each.
    public func missing(_ values: [String: String]) -> [String] {
        let steps: [HookStep] = pre + (hold.map { [$0] } ?? []) + post
        var problems: [String] = []
        for step in steps.map({ $0.substituting(values) }) {
            do throws(StepProcess.StartError) {
                _ = try StepLaunch(step, [:], users: StepUser.all(of: [step]))
            } catch {
                problems.append("step \(step.id): \(error.reason)")
            }
            if let directory = step.directory, !Self.isDirectory(directory) {
                problems.append("step \(step.id): there is no directory \(directory)")
            }
        }
        return problems
    }

    private static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}
