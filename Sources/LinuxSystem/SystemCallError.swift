public import SystemPackage

/// A system call that failed on a path.
public struct SystemCallError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The C function or ioctl, as in `open`.
    public var call: String
    /// What it was called on.
    public var path: FilePath
    /// Why it failed.
    public var errno: Errno

    /// From what was called and errno.
    public init(_ call: String, _ path: FilePath, _ errno: Errno) {
        self.call = call
        self.path = path
        self.errno = errno
    }

    /// `open /run/x: Permission denied`
    public var description: String { "\(call) \(path): \(errno)" }
}

/// Runs a call that throws `Errno` and names it and the path in the error.
func naming<Result>(_ call: String, _ path: FilePath, _ body: () throws -> Result) throws(SystemCallError) -> Result {
    do {
        return try body()
    } catch {
        throw SystemCallError(call, path, error as? Errno ?? .ioError)
    }
}

extension Errno {
    /// The calling thread's errno. Read it before anything else can change it.
    static var last: Errno { Errno(rawValue: lastErrno()) }
}
