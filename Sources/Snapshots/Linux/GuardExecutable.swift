import Glibc
import LinuxSystem
import SetModel
public import SystemPackage

/// The guard lies beside the program that starts it, wherever both were installed.
public enum GuardExecutable {
    public static let name = "stillpoint-guard"

    /// - Throws: ``SnapshotError`` when it is not there, or when somebody else could have changed it.
    public static func beside(_ program: FilePath = "/proc/self/exe") throws -> FilePath {
        var path = FilePath(try resolve(program)).removingLastComponent().appending(name)
        var status = stat()
        guard stat(path.string, &status) == 0 else {
            throw SnapshotError(.refused, "\(path) is missing; install it beside stillpoint")
        }
        guard status.st_uid == 0 || status.st_uid == geteuid(), status.st_mode & (S_IWGRP | S_IWOTH) == 0 else {
            throw SnapshotError(.refused, "\(path) could be changed by others than root; correct owner and mode")
        }
        path.lexicallyNormalize()
        return path
    }

    private static func resolve(_ link: FilePath) throws -> String {
        guard let text = realpath(link.string, nil) else {
            throw SnapshotError(.failed, "\(link) cannot be resolved: \(Errno(rawValue: errno))")
        }
        defer { free(text) }
        return String(cString: text)
    }
}
