import Glibc
import SystemPackage

/// A directory of its own, gone with the value.
final class Scratch: Sendable {
    let path: FilePath

    init() throws {
        var template = Array("/tmp/stillpoint-engine-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Errno(rawValue: errno) }
        path = FilePath(platformString: template)
    }

    /// What the engine puts there: a run directory with a lock.
    deinit {
        unlink(path.appending("run/lock").string)
        rmdir(path.appending("run").string)
        rmdir(path.string)
    }
}
