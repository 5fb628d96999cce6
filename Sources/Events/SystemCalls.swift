import LinuxSystem
import SystemPackage

/// Runs a call that throws `Errno` and names it and the path in the error.
func naming<Value>(_ call: String, _ path: FilePath, _ body: () throws -> Value) throws(SystemCallError) -> Value {
    do {
        return try body()
    } catch {
        throw SystemCallError(call, path, error as? Errno ?? .ioError)
    }
}
