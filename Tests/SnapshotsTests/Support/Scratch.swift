import Glibc
import SystemPackage

/// A run directory of its own, gone with the value.
final class Scratch: Sendable {
    let path: FilePath

    init() throws {
        var template = Array("/tmp/stillpoint-engine-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Errno(rawValue: errno) }
        path = FilePath(platformString: template)
    }

    /// The engine puts nothing there but its lock.
    deinit {
        unlink(path.string + "/lock")
        rmdir(path.string)
    }
}
