import CLinux
import Glibc
public import SystemPackage

/// A child that outlives its parent when it has to: posix_spawn(3) with one descriptor as its standard input and
/// nothing else of ours.
public final class ChildProcess: Sendable {
    public let pid: Int32
    /// Readable when it has ended; -1 where there are none (pidfd_open(2)).
    public let pidfd: Int32

    private init(pid: Int32, pidfd: Int32) {
        self.pid = pid
        self.pidfd = pidfd
    }

    deinit { close(pidfd) }

    /// Starts `executable` with standard output and error on /dev/null unless they are given, no other descriptor, all
    /// signals at their defaults and unblocked, and PATH as its environment (in debug builds STILLPOINT_STOP_AT too).
    ///
    /// - Parameters:
    ///   - environment: more variables.
    ///   - inNewSession: out of the reach of the terminal's signals.
    public static func spawn(
        _ executable: FilePath, arguments words: [String] = [], environment variables: [String: String] = [:],
        standardInput: FileDescriptor, standardOutput: FileDescriptor? = nil, standardError: FileDescriptor? = nil,
        inNewSession: Bool = false
    ) throws(SystemCallError) -> ChildProcess {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, standardInput.rawValue, STDIN_FILENO)
        for (number, output) in [(STDOUT_FILENO, standardOutput), (STDERR_FILENO, standardError)] {
            if let output {
                posix_spawn_file_actions_adddup2(&actions, output.rawValue, number)
            } else {
                posix_spawn_file_actions_addopen(&actions, number, "/dev/null", O_WRONLY, 0)
            }
        }
        sp_spawn_close_from(&actions, 3)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        let session = inNewSession ? sp_spawn_new_session() : 0
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | session))
        var arguments = ([executable.string] + words).map { strdup($0) } + [nil]
        let more = variables.map { "\($0)=\($1)" }.sorted()
        var environment =
            (StopPoint.environment + ["PATH=" + path] + more).map { strdup($0) } + [nil]
        defer { for pointer in arguments + environment { free(pointer) } }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, executable.string, &actions, &attributes, &arguments, &environment)
        guard code == 0 else { throw SystemCallError("posix_spawn", executable, Errno(rawValue: code)) }
        return ChildProcess(pid: pid, pidfd: sp_pidfd_open(pid))
    }

    /// A fork of this process that runs `body`, with everything else as
    /// ``spawn(_:arguments:environment:standardInput:standardOutput:standardError:inNewSession:)`` has it, in a session of
    /// its own. Only for a process that still has a single thread: it saves the loader's work.
    ///
    /// - Parameter name: what ps shows, at most 15 bytes.
    public static func fork(
        named name: String, environment variables: [String: String] = [:], standardInput: FileDescriptor,
        _ body: () -> Never
    ) throws(SystemCallError) -> ChildProcess {
        let environment = StopPoint.environment + ["PATH=" + path] + variables.map { "\($0)=\($1)" }
        let pid = sp_fork()
        guard pid >= 0 else { throw SystemCallError("fork", "/proc/self/exe", .last) }
        guard pid == 0 else { return ChildProcess(pid: pid, pidfd: sp_pidfd_open(pid)) }
        sp_set_name(name)
        setsid()
        clearenv()
        for variable in environment { putenv(strdup(variable)) }
        let null = open("/dev/null", O_WRONLY | O_CLOEXEC)
        dup2(standardInput.rawValue, STDIN_FILENO)
        for output in [STDOUT_FILENO, STDERR_FILENO] { dup2(null, output) }
        sp_close_from(3)
        for number: Int32 in 1...64 { signal(number, SIG_DFL) }
        var none = sigset_t()
        sigemptyset(&none)
        sigprocmask(SIG_SETMASK, &none, nil)
        body()
    }

    /// A child whose standard input is one end of a stream socket, and the other end.
    public static func connected(
        _ start: (FileDescriptor) throws(SystemCallError) -> ChildProcess
    ) throws(SystemCallError) -> (FileDescriptor, ChildProcess) {
        var ends: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw SystemCallError("socketpair", "", .last) }
        let (own, other) = (FileDescriptor(rawValue: ends[0]), FileDescriptor(rawValue: ends[1]))
        defer { try? other.close() }
        do {
            return (own, try start(other))
        } catch {
            try? own.close()
            throw error
        }
    }

    private static let path = "/usr/sbin:/usr/bin:/sbin:/bin"

    /// Waits for the end.
    ///
    /// - Returns: the exit status as waitpid(2) gives it; `nil` when it still runs.
    @discardableResult
    public func wait(timeoutMs: Int32) -> Int32? {
        var entry = pollfd(fd: pidfd, events: Int16(POLLIN), revents: 0)
        while poll(&entry, 1, timeoutMs) < 0, errno == EINTR {}
        var status: Int32 = 0
        return waitpid(pid, &status, WNOHANG) == pid ? status : nil
    }
}
