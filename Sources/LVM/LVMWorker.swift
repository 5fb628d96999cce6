import CLVM
import CLinux
import Glibc
import LinuxSystem
import SystemPackage

/// The process that runs LVM commands, started by ``WorkerProcess``: a fork of `stillpoint`, or `stillpoint lvm-worker`.
///
/// liblvm2cmd changes the umask, the locale, signal handlers and the memory locking of its process, and is not safe
/// among threads; so each job gets a process of its own: a fork of this one, which has a single thread and has only
/// initialised LVM. Starting a program costs more than most LVM commands; forking one costs little. No log function is
/// set: LVM cuts what it gives to one at 4095 bytes.
public enum LVMWorker {
    /// The hidden verb that makes `stillpoint` a worker.
    public static let verb = "lvm-worker"

    #if DEBUG
        /// Called with `worker.<command>.<index>.before` and `.after` around every command, so that a test can stop the
        /// worker there. Set it before ``main()``.
        nonisolated(unsafe) public static var stopPoint: (@Sendable (String) -> Void)?
    #endif

    /// Serves the socket that is its standard input until the other end is closed: reads a job, answers with the
    /// process id of the fork that does it (0 when there is none) and then with that one's report, and so on. To be
    /// called on the main thread, before any other thread exists.
    public static func main() -> Never {
        sp_set_name(verb)
        // Killed in the middle of a snapshot, a job would leave the origin suspended; and without this process nobody
        // would hear how it ended. Forks inherit it.
        let score = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC)
        if score >= 0 {
            _ = Glibc.write(score, "-1000", 5)
            close(score)
        }
        // It ends when whoever asks is gone, and not before: a service that is stopped sends these to all of its
        // processes.
        for number in endingSignals + [SIGPIPE] { signal(number, SIG_IGN) }
        let lvm = initialise()
        while let input = StreamFrames.read(STDIN_FILENO) {
            guard answer(input, lvm) else { exit(1) }
        }
        exit(0)
    }

    /// LVM, initialised once for all jobs; a command reads its settings again when a file of them has changed.
    private struct Initialised {
        /// `nil` when it failed: each job tries again.
        var handle: UnsafeMutableRawPointer?
        /// What LVM said meanwhile, once in a process: part of what the first command of each job says.
        var errors = ""
    }

    private static func initialise() -> Initialised {
        var handle: UnsafeMutableRawPointer?
        let said = try? Capture.during { handle = lvm2_init() }
        return Initialised(handle: handle, errors: handle == nil ? "" : said?.errors ?? "")
    }

    private static let endingSignals = [SIGTERM, SIGINT, SIGHUP, SIGQUIT]

    /// - Returns: false when nobody is left to answer to.
    private static func answer(_ input: [UInt8], _ lvm: Initialised) -> Bool {
        let report = sp_memfile("lvm-report")
        let errors = sp_memfile("lvm-errors")
        defer {
            close(report)
            close(errors)
        }
        // A signal that comes before the child listens waits until it does.
        var ending = sigset_t()
        sigemptyset(&ending)
        for number in endingSignals { sigaddset(&ending, number) }
        sigprocmask(SIG_BLOCK, &ending, nil)
        let child = report >= 0 && errors >= 0 ? sp_fork() : -1
        let reason = errno
        if child == 0 {
            // What the runtime says about its own death.
            dup2(errors, STDERR_FILENO)
            // LVM gives up waiting for a lock when asked to.
            for number in endingSignals { signal(number, SIG_DFL) }
            sigprocmask(SIG_UNBLOCK, &ending, nil)
            // Neither lvm2_exit nor exit handlers: what they release goes with the process, and one that dies in them
            // would leave what was done untold.
            _exit(replace(report, with: perform(input, lvm, noting: report).encoded) ? 0 : 1)
        }
        sigprocmask(SIG_UNBLOCK, &ending, nil)
        guard StreamFrames.write("\(max(0, child))".utf8, to: STDIN_FILENO) else { return false }
        guard child >= 0 else { return fail("no process for LVM: \(String(cString: strerror(reason)))") }
        // It keeps its process id until the report is sent: nobody can mistake another process for it.
        var end = siginfo_t()
        while waitid(P_PID, id_t(child), &end, WEXITED | WNOWAIT) < 0, errno == EINTR {}
        var status: Int32 = 0
        defer { while waitpid(child, &status, 0) < 0, errno == EINTR {} }
        guard end.si_code == CLD_EXITED, sp_exit_status(&end) == 0 else {
            let how = end.si_code == CLD_EXITED ? "with status" : "by signal"
            let said = String(decoding: contents(of: errors).suffix(2000), as: UTF8.self)
            // What a report that could not be written leaves may be long.
            let place = String(decoding: contents(of: report).prefix(200), as: UTF8.self)
            return fail(
                "the LVM worker ended \(how) \(sp_exit_status(&end)) \(place)" + (said.isEmpty ? "" : ": " + said))
        }
        return StreamFrames.write(contents(of: report), to: STDIN_FILENO)
    }

    private static func fail(_ failure: String) -> Bool {
        StreamFrames.write(LVMJobReport(results: [], failure: failure).encoded, to: STDIN_FILENO)
    }

    private static func replace(_ file: Int32, with bytes: [UInt8]) -> Bool {
        ftruncate(file, 0)
        return (try? FileDescriptor(rawValue: file).writeAll(toAbsoluteOffset: 0, bytes)) != nil
    }

    private static func contents(of file: Int32) -> [UInt8] {
        lseek(file, 0, SEEK_SET)
        return Capture.readAll(file)
    }

    /// - Parameter file: Where the job is, for whoever has to tell where it died. The report takes its place.
    private static func perform(_ input: [UInt8], _ lvm: Initialised, noting file: Int32) -> LVMJobReport {
        guard let job = LVMJob(input) else { return LVMJobReport(results: [], failure: "the job cannot be read") }
        let asker = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
        // Prompts read from standard input; there is nobody to answer them.
        let null = open("/dev/null", O_RDWR | O_CLOEXEC)
        guard asker >= 0, null >= 0, dup2(null, STDIN_FILENO) >= 0, dup2(null, STDOUT_FILENO) >= 0 else {
            return LVMJobReport(results: [], failure: "/dev/null: \(String(cString: strerror(errno)))")
        }
        return run(job, lvm, askedBy: asker) { place in
            _ = replace(file, with: Array(place.utf8))
        }
    }

    private static func run(
        _ job: LVMJob, _ lvm: Initialised, askedBy asker: Int32, note: (String) -> Void
    ) -> LVMJobReport {
        var report = LVMJobReport(results: [])
        note("before its first command")
        // Never closed: held until this process ends. Before the asker is looked at: whoever waits for the lock and
        // gets it knows that no worker of a dead parent will begin anything.
        if let path = job.lock {
            let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
            guard descriptor >= 0, flock(descriptor, LOCK_SH) == 0 else {
                report.failure = "\(path): \(String(cString: strerror(errno)))"
                return report
            }
        }
        var handle = lvm.handle
        for (index, words) in job.commands.enumerated() {
            // Whoever finds this job half done must not be surprised by its other half.
            guard !isGone(asker) else {
                report.failure = "the process that asked is gone"
                break
            }
            note("in \(words.first ?? "") (\(index + 1) of \(job.commands.count))")
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
                    LVMResult(
                        command: words, status: status, output: caught.output,
                        errors: (index == 0 ? lvm.errors : "") + caught.errors))
                if job.stopAtFirstFailure && status != LVM2_COMMAND_SUCCEEDED { break }
            } catch {
                report.failure = String(describing: error)
                break
            }
            stop(at: "worker.\(words.first ?? "").\(index).after")
        }
        note("after its last command")
        return report
    }

    /// Whether the other end of the socket is closed.
    private static func isGone(_ socket: Int32) -> Bool {
        var entry = pollfd(fd: socket, events: 0, revents: 0)
        return poll(&entry, 1, 0) > 0 && Int32(entry.revents) & (POLLHUP | POLLERR) != 0
    }

    private static func stop(at point: String) {
        #if DEBUG
            stopPoint?(point)
        #endif
    }
}
