import FoundationEssentials
import Subprocess
import SystemPackage

/// One run of ``LVMWorker``, seen from outside.
struct WorkerProcess: Sendable {
    let executable: FilePath
    let environment: Environment
    let timeLimit: Duration

    func perform(_ job: LVMJob) async throws(LVMError) -> LVMJobReport {
        // A task of its own does not inherit the caller's cancellation, which would end the worker half-way.
        let outcome = await Task { () -> Result<LVMJobReport, LVMError> in
            do throws(LVMError) {
                return .success(try await limited(job))
            } catch {
                return .failure(error)
            }
        }.value
        return try outcome.get()
    }

    private func limited(_ job: LVMJob) async throws(LVMError) -> LVMJobReport {
        do {
            return try await withThrowingTaskGroup(of: LVMJobReport?.self) { group in
                group.addTask { try await spawn(job) }
                group.addTask {
                    try await Task.sleep(for: timeLimit)
                    return nil
                }
                defer { group.cancelAll() }
                guard let first = try await group.next(), let report = first else {
                    throw LVMError(
                        .timedOut, "LVM did not finish within \(timeLimit)", command: job.commands.first ?? [])
                }
                return report
            }
        } catch let error as LVMError {
            throw error
        } catch {
            throw LVMError(
                .workerFailed, "the LVM worker \(executable) cannot be run", cause: String(describing: error))
        }
    }

    private func spawn(_ job: LVMJob) async throws -> LVMJobReport {
        var options = PlatformOptions()
        // Ctrl-C of the terminal is for the caller to handle.
        options.createSession = true
        // While LVM waits for a lock a TERM makes it give up; while it changes something it blocks all signals, and
        // it should be left to finish.
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(60))]
        let result = try await Subprocess.run(
            .path(executable), arguments: [LVMWorker.verb],
            environment: environment, platformOptions: options,
            input: .array(Array(try JSONEncoder().encode(job))), output: .bytes(limit: .max),
            error: .string(limit: .max))
        guard result.terminationStatus.isSuccess else {
            throw LVMError(
                .workerFailed, "the LVM worker ended with \(result.terminationStatus)",
                lines: result.standardError.split(whereSeparator: \.isNewline).map(String.init))
        }
        do {
            return try JSONDecoder().decode(LVMJobReport.self, from: Data(result.standardOutput))
        } catch {
            throw LVMError(.badReport, "the LVM worker's report cannot be read", cause: String(describing: error))
        }
    }
}
