import Foundation
import Glibc
import SystemPackage

/// What the kernel tells of flock on one file, by name.
struct FileLocks {
    let path: FilePath

    /// How many wait for the lock (`->` in /proc/locks).
    var waiting: Int { lines.filter { $0.contains("->") }.count }
    /// Their process ids.
    var waiters: [pid_t] {
        lines.filter { $0.contains("->") }.compactMap { line in
            let words = line.split(separator: " ")
            // 1: -> FLOCK ADVISORY WRITE PID MAJOR:MINOR:INODE START END
            return words.count > 5 ? pid_t(words[5]) : nil
        }
    }

    private var lines: [Substring] {
        var status = stat()
        guard stat(path.string, &status) == 0,
            let locks = try? String(contentsOfFile: "/proc/locks", encoding: .utf8)
        else { return [] }
        return locks.split(separator: "\n").filter { $0.contains("FLOCK") && $0.contains(":\(status.st_ino) ") }
    }

    /// Returns when `count` wait.
    func waitForWaiters(_ count: Int) async {
        while waiting != count, !Task.isCancelled { await Task.yield() }
    }
}

/// Blocking work on a thread of its own, whose end can be awaited.
final class Blocking<Value: Sendable>: @unchecked Sendable {
    private let stream: AsyncStream<Value>
    private let lock = NSLock()
    private var thread: pthread_t?

    init(_ work: @escaping @Sendable () -> Value) {
        let (stream, continuation) = AsyncStream.makeStream(of: Value.self)
        self.stream = stream
        Thread.detachNewThread { [self] in
            // Threads of the concurrency runtime block all signals, and this one inherits that.
            var none = sigset_t()
            sigemptyset(&none)
            pthread_sigmask(SIG_SETMASK, &none, nil)
            lock.withLock { thread = pthread_self() }
            continuation.yield(work())
            continuation.finish()
        }
    }

    /// Sends a signal to the thread, once there is one.
    func interrupt(_ signal: Int32) {
        lock.withLock { if let thread { pthread_kill(thread, signal) } }
    }

    var value: Value? {
        get async { await stream.first { _ in true } }
    }
}
