import CLinux
import Glibc

/// Standard output and standard error of this process, caught in memory while something runs.
///
/// Memory and not pipes: what LVM prints has no bound, and nobody would drain a pipe meanwhile.
struct Capture: ~Copyable {
    private let standard: Int32
    private let saved: Int32
    private let memory: Int32

    /// Runs `body` and returns all that it, or a program that it started, wrote. Throws errno when there is no memory
    /// to catch it in; then `body` did not run.
    static func during(_ body: () -> Void) throws(CaptureError) -> (output: String, errors: String) {
        let output = try Capture.begin(STDOUT_FILENO)
        let errors = try Capture.begin(STDERR_FILENO)
        body()
        fflush(nil)
        return (output.contents(), errors.contents())
    }

    private static func begin(_ standard: Int32) throws(CaptureError) -> Capture {
        fflush(nil)
        let saved = fcntl(standard, F_DUPFD_CLOEXEC, 3)
        let memory = sp_memfile("lvm")
        guard saved >= 0, memory >= 0, dup2(memory, standard) >= 0 else {
            let reason = errno
            close(saved)
            close(memory)
            throw CaptureError(errno: reason)
        }
        return Capture(standard: standard, saved: saved, memory: memory)
    }

    private init(standard: Int32, saved: Int32, memory: Int32) {
        self.standard = standard
        self.saved = saved
        self.memory = memory
    }

    deinit {
        dup2(saved, standard)
        close(saved)
        close(memory)
    }

    private borrowing func contents() -> String {
        lseek(memory, 0, SEEK_SET)
        return String(decoding: Self.readAll(memory), as: UTF8.self)
    }

    /// Reads to the end of a file or pipe.
    static func readAll(_ descriptor: Int32) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return bytes }
            bytes += chunk.prefix(count)
        }
    }
}

/// The errno of a failed capture.
struct CaptureError: Error, CustomStringConvertible {
    var errno: Int32

    var description: String { "the output of LVM cannot be caught: " + String(cString: strerror(errno)) }
}
