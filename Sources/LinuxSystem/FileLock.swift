import CLinux
import Glibc
public import SystemPackage

/// An exclusive flock(2) on a file, released when the value ends, and by the kernel when the process does.
///
/// A child of fork(2) shares the lock, until either lets go of it; the descriptor does not survive exec.
public struct FileLock: ~Copyable, Sendable {
    /// Stays open as long as the lock is held.
    public let descriptor: FileDescriptor

    private init(_ descriptor: FileDescriptor) { self.descriptor = descriptor }

    deinit {
        // A child that is just being started has the open file too, until its exec: closing alone would not let go.
        _ = flock(descriptor.rawValue, LOCK_UN)
        try? descriptor.close()
    }

    /// Takes the lock, creating the file with mode 0600 when it is not there. Does not wait.
    ///
    /// A file that was deleted or replaced between opening and locking is opened again: a lock on a file without a
    /// name would exclude nobody.
    ///
    /// - Returns: `nil` when another open description holds it, also one of the same process (EWOULDBLOCK).
    /// - Throws: ``SystemCallError``; ELOOP for a symbolic link, EINVAL for what is no regular file.
    public static func tryExclusive(_ path: FilePath) throws(SystemCallError) -> FileLock? {
        while true {
            let lock = FileLock(
                try naming("open", path) {
                    try FileDescriptor.open(
                        path, .readWrite, options: [.create, .closeOnExec, .noFollow, .nonBlocking],
                        permissions: .ownerReadWrite)
                })
            var opened = stat()
            guard fstat(lock.descriptor.rawValue, &opened) == 0 else { throw SystemCallError("fstat", path, .last) }
            guard opened.st_mode & S_IFMT == S_IFREG else { throw SystemCallError("flock", path, .invalidArgument) }
            while flock(lock.descriptor.rawValue, LOCK_EX | LOCK_NB) != 0 {
                let error = Errno.last
                if error == .wouldBlock { return nil }
                guard error == .interrupted else { throw SystemCallError("flock", path, error) }
            }
            var named = stat()
            let status = path.withPlatformString { lstat($0, &named) }
            guard status == 0 || Errno.last == .noSuchFileOrDirectory else {
                throw SystemCallError("lstat", path, .last)
            }
            if status == 0, named.st_dev == opened.st_dev, named.st_ino == opened.st_ino { return lock }
        }
    }

    /// ``tryExclusive(_:)`` again and again, for `milliseconds` at most.
    ///
    /// - Returns: `nil` when the time is over.
    public static func exclusive(_ path: FilePath, within milliseconds: UInt64) throws(SystemCallError) -> FileLock? {
        let end = sp_monotonic_ns() + milliseconds * 1_000_000
        while true {
            if let lock = try tryExclusive(path) { return lock }
            guard sp_monotonic_ns() < end else { return nil }
            usleep(20_000)
        }
    }

    /// Releases the lock now.
    public consuming func release() {}
}
