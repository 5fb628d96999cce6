public import SystemPackage

/// Runs LVM commands, each job in a process of its own (``LVMWorker``).
///
/// A job that was begun is finished: neither a cancelled task nor a signal of the terminal ends it half-way, only the
/// time limit does.
public struct LVMClient: Sendable {
    private let worker: WorkerProcess
    private let timeLimit: Duration
    private let workerLock: FilePath?

    /// - Parameters:
    ///   - workerLock: A file that every job which changes something holds under a shared flock(2).
    ///   - timeLimit: For each command of a job. Waiting for LVM's locks counts.
    public init(worker: WorkerProcess, timeLimit: Duration = .seconds(600), workerLock: FilePath? = nil) {
        self.worker = worker
        self.timeLimit = timeLimit
        self.workerLock = workerLock
    }

    /// Runs the commands in one worker, in their order, up to the first that fails, and returns how each one ended.
    /// Throws an ``LVMError`` when one failed; its `results` are those of the commands that ran.
    @discardableResult
    public func run(_ commands: [LVMCommand]) async throws(LVMError) -> [LVMResult] {
        if commands.isEmpty { return [] }
        let results = try await perform(commands, stopAtFirstFailure: true)
        if let failed = results.last, !failed.succeeded {
            throw LVMError(
                .commandFailed, "\(failed.command.first ?? "LVM") failed with status \(failed.status)",
                command: failed.command, lines: failed.errorLines, results: results)
        }
        return results
    }

    /// Runs commands that change the tags of selected volumes, as ``run(_:)`` does.
    ///
    /// A volume that a selection does not find is passed over in silence. Of each one that it changes LVM says so
    /// (tools/lvchange.c, `_lvchange_properties_single`), unless its settings make it silent.
    ///
    /// - Returns: whether LVM said so of every one; if not, look.
    public func changeSelected(_ commands: [LVMCommand]) async throws(LVMError) -> Bool {
        let results = try await run(commands)
        return zip(commands, results).allSatisfy { $0.selected == $1.changedVolumes }
    }

    /// A report that takes none of LVM's locks: for whoever holds them.
    public func reportUnderLock() async throws(LVMError) -> LVMReport {
        let command = LVMCommand.report(LVMReport.command.words + ["--nolocking"])
        return try LVMReport(try await read([command])[0])
    }

    /// All volumes of all volume groups, and LVM's settings too when asked for. Warnings and a failing status of `lvs`
    /// are part of the report, as long as it can be read.
    public func report(withConfiguration: Bool = false) async throws(LVMError) -> LVMReport {
        let commands = [LVMReport.command] + (withConfiguration ? [LVMConfiguration.command] : [])
        let results = try await read(commands)
        var report = try LVMReport(results[0])
        if withConfiguration { report.configuration = try LVMConfiguration(parsing: results[1].output) }
        return report
    }

    /// What changes nothing is asked once more when the process died that was to answer: `lvs` does now and then in lvm2
    /// 2.03.31.
    private func read(_ commands: [LVMCommand]) async throws(LVMError) -> [LVMResult] {
        do {
            return try await perform(commands, stopAtFirstFailure: false)
        } catch {
            guard error.code == .workerFailed else { throw error }
            return try await perform(commands, stopAtFirstFailure: false)
        }
    }

    /// One result for each command, or fewer when the last one failed.
    private func perform(_ commands: [LVMCommand], stopAtFirstFailure: Bool) async throws(LVMError) -> [LVMResult] {
        // Here already, so that no command runs when a later one cannot.
        for command in commands { _ = try LVMWords.line(command.words) }
        let job = LVMJob(
            commands: commands.map(\.words), stopAtFirstFailure: stopAtFirstFailure,
            lock: stopAtFirstFailure ? workerLock?.string : nil)
        let report = try await worker.perform(job, timeLimit: timeLimit * commands.count)
        let ended = stopAtFirstFailure && report.results.last?.succeeded == false
        guard report.failure == nil, ended || report.results.count == commands.count else {
            throw LVMError(
                .workerFailed, "the LVM worker did not do all of its job",
                command: commands.dropFirst(report.results.count).first?.words ?? [], cause: report.failure,
                results: report.results)
        }
        return report.results
    }
}
