import CLinux
import Glibc
import SystemPackage

/// What makes a process able to work while the root file system stands still, and hard to end.
enum Hardening {
    /// Signals that end other programs do not end a guard: it ends when its work is done.
    static func ignoreSignals() {
        for number in [SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGUSR2] { signal(number, SIG_IGN) }
        // A handler without SA_RESTART: these interrupt a blocking call.
        for number in [SIGALRM, SIGUSR1] {
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { _ in }
            sigaction(number, &action, nil)
        }
    }

    /// Detaches from the terminal and the working directory.
    static func detach() {
        setsid()
        _ = chdir("/")
    }

    /// Locks all memory, present and future, so that no page has to be read from a disk that stands still.
    /// After fork, in each process: locks are not inherited.
    static func lockMemory() throws(Errno) {
        guard mlockall(MCL_CURRENT | MCL_FUTURE) == 0 else { throw Errno(rawValue: errno) }
    }

    /// Out of the OOM killer's reach, and real-time where the system allows it.
    static func protect(name: String) {
        sp_set_name(name)
        if let file = try? FileDescriptor.open("/proc/self/oom_score_adj", .writeOnly) {
            _ = try? file.writeAll("-1000".utf8)
            try? file.close()
        }
        _ = sp_realtime(50)
    }
}
