import CLinux
import Glibc
import LinuxSystem
import SystemPackage

/// Runs the program of a sink: with the event in a file in memory as its standard input, in a session of its own, with
/// PATH and LANG as its environment and no descriptor but three. Its umask is ours, 077.
enum SinkProgram {
    /// Runs it to its end.
    ///
    /// - Parameters:
    ///   - words: its path, and the arguments.
    ///   - output: where its standard output goes; `nil`: nowhere.
    ///   - limit: when it has not ended then, it is killed with what it started.
    static func run(
        _ words: [String], input: [UInt8], output: MemoryFile? = nil, limit: Duration
    ) throws(SinkFailure) {
        let end = ContinuousClock.now + limit
        let file = try MemoryFile(input)
        var ends: [Int32] = [-1, -1]
        guard sp_pipe(&ends) == 0 else { throw failure("pipe2") }
        var errors = ErrorOutput(reading: ends[0])
        defer { close(ends[0]) }
        let child = try spawn(words, input: file.descriptor, output: output?.descriptor, errors: ends[1])
        let status = wait(child, until: end, &errors)
        guard let status else { throw SinkFailure(text: "\(words[0]) did not end within \(limit)" + errors.text) }
        let code = (status >> 8) & 0xff
        guard status & 0x7f == 0 else {
            throw SinkFailure(text: "\(words[0]) was ended by signal \(status & 0x7f)" + errors.text)
        }
        guard code == 0 else { throw SinkFailure(text: "\(words[0]) ended with exit code \(code)" + errors.text) }
    }

    static func failure(_ call: String, _ code: Int32 = errno) -> SinkFailure {
        SinkFailure(text: "\(call): \(Errno(rawValue: code))")
    }

    /// Starts it, and closes `errors`.
    private static func spawn(
        _ words: [String], input: FileDescriptor, output: FileDescriptor?, errors: Int32
    ) throws(SinkFailure) -> ChildProcess {
        defer { close(errors) }
        do throws(SystemCallError) {
            return try ChildProcess.spawn(
                FilePath(words[0]), arguments: Array(words.dropFirst()), environment: ["LANG": "C.UTF-8"],
                standardInput: input, standardOutput: output, standardError: FileDescriptor(rawValue: errors),
                inNewSession: true)
        } catch {
            throw SinkFailure(text: "\(words[0]): \(error.errno)")
        }
    }

    /// - Returns: its status as waitpid(2) gives it; `nil` when it was killed because its time was over.
    private static func wait(
        _ child: ChildProcess, until end: ContinuousClock.Instant, _ errors: inout ErrorOutput
    ) -> Int32? {
        let (pid, pidfd) = (child.pid, child.pidfd)
        while true {
            var status: Int32 = 0
            let ended = waitpid(pid, &status, WNOHANG)
            errors.read()
            if ended == pid { return status }
            let left = ContinuousClock.now.duration(to: end)
            guard left > .zero, ended == 0 else { break }
            // Without a pidfd (a filter of system calls) it is looked for again and again.
            let pause = min(milliseconds(left), pidfd >= 0 ? 60_000 : 20)
            var entries = [
                pollfd(fd: pidfd, events: Int16(POLLIN), revents: 0),
                pollfd(fd: errors.descriptor, events: Int16(POLLIN), revents: 0),
            ]
            poll(&entries, 2, pause)
        }
        kill(-pid, SIGKILL)
        // One that the kernel holds keeps nobody waiting.
        var entry = pollfd(fd: pidfd, events: Int16(POLLIN), revents: 0)
        poll(&entry, 1, 2000)
        waitpid(pid, nil, WNOHANG)
        return nil
    }

    /// Rounded up.
    private static func milliseconds(_ duration: Duration) -> Int32 {
        let parts = duration.components
        return Int32(clamping: parts.seconds * 1000 + parts.attoseconds / 1_000_000_000_000_000 + 1)
    }
}
