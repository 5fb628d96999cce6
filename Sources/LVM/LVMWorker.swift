import CLVM
import FoundationEssentials
import Glibc

/// The process that runs LVM commands: `stillpoint lvm-worker`, started by ``LVMClient``.
///
/// liblvm2cmd changes the umask, the locale, signal handlers and the memory locking of its process, and is not safe
/// among threads; so it gets a process of its own that does one job and exits. No log function is set: LVM cuts what
/// it gives to one at 4095 bytes.
public enum LVMWorker {
    /// The hidden verb that makes `stillpoint` a worker.
    public static let verb = "lvm-worker"

    #if DEBUG
        /// Called with `worker.<command>.<index>.before` and `.after` around every command, so that a test can stop the
        /// worker there. Set it before ``main()``.
        nonisolated(unsafe) public static var stopPoint: (@Sendable (String) -> Void)?
    #endif

    /// Reads one job from standard input, does it, writes one report to standard output, and exits: 0 when it wrote a
    /// report, whatever LVM said. To be called on the main thread, before any other thread exists.
    public static func main() -> Never {
        // Killed in the middle of a snapshot, it would leave the origin suspended.
        let score = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC)
        if score >= 0 {
            _ = Glibc.write(score, "-1000", 5)
            close(score)
        }
        let report = perform(Capture.readAll(STDIN_FILENO))
        exit(write(report) ? 0 : 1)
    }

    /// A copy of the standard output that only the report goes to.
    private static let reportOutput = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)

    private static func perform(_ input: [UInt8]) -> LVMJobReport {
        guard reportOutput >= 0 else { return LVMJobReport(results: [], failure: "no standard output") }
        let job: LVMJob
        do {
            job = try JSONDecoder().decode(LVMJob.self, from: Data(input))
        } catch {
            return LVMJobReport(results: [], failure: "the job cannot be read: \(error)")
        }
        // Prompts read from standard input; there is nobody to answer them.
        let null = open("/dev/null", O_RDWR | O_CLOEXEC)
        guard null >= 0, dup2(null, STDIN_FILENO) >= 0, dup2(null, STDOUT_FILENO) >= 0 else {
            return LVMJobReport(results: [], failure: "/dev/null: \(String(cString: strerror(errno)))")
        }
        return run(job)
    }

    private static func run(_ job: LVMJob) -> LVMJobReport {
        var report = LVMJobReport(results: [])
        // Never closed: held until this process ends. Before the parent is looked at: whoever waits for the lock and
        // gets it knows that no worker of a dead parent will begin anything.
        if let path = job.lock {
            let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
            guard descriptor >= 0, flock(descriptor, LOCK_SH) == 0 else {
                report.failure = "\(path): \(String(cString: strerror(errno)))"
                return report
            }
        }
        var handle: UnsafeMutableRawPointer?
        defer { if let handle { lvm2_exit(handle) } }
        for (index, words) in job.commands.enumerated() {
            // Whoever finds this job half done must not be surprised by its other half.
            guard getppid() == job.parent else {
                report.failure = "the process that asked is gone"
                break
            }
            stop(at: "worker.\(words.first ?? "").\(index).before")
            do {
                let line = try LVMWords.line(words)
                var status: Int32 = 0
                let caught = try Capture.during {
                    if handle == nil { handle = lvm2_init() }
                    // A null handle would make lvm2_run initialise by itself, and fail again.
                    status = handle == nil ? LVM2_INIT_FAILED : lvm2_run(handle, line)
                }
                report.results.append(
                    LVMResult(command: words, status: status, output: caught.output, errors: caught.errors))
                if job.stopAtFirstFailure && status != LVM2_COMMAND_SUCCEEDED { break }
            } catch {
                report.failure = String(describing: error)
                break
            }
            stop(at: "worker.\(words.first ?? "").\(index).after")
        }
        return report
    }

    private static func stop(at point: String) {
        #if DEBUG
            stopPoint?(point)
        #endif
    }

    private static func write(_ report: LVMJobReport) -> Bool {
        guard let data = try? JSONEncoder().encode(report) else { return false }
        signal(SIGPIPE, SIG_IGN)
        return data.withUnsafeBytes { buffer in
            var rest = buffer[...]
            while !rest.isEmpty {
                let count = Glibc.write(reportOutput, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { return false }
                rest = rest.dropFirst(count)
            }
            return true
        }
    }
}
