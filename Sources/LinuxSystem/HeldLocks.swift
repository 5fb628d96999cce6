import Glibc
public import SystemPackage

/// Which flock(2) locks are held, as /proc/locks has it.
public enum HeldLocks {
    /// Whether somebody holds an exclusive lock on a file. To try the lock would tell as well, and keep those from it who
    /// want it meanwhile.
    ///
    /// - Returns: `false` also for a file that is not there, and where /proc does not tell: on btrfs and overlayfs it
    ///   names another device than stat(2).
    public static func isHeld(_ path: FilePath) -> Bool {
        var status = stat()
        guard path.withPlatformString({ lstat($0, &status) }) == 0, let table = try? SmallFiles.text("/proc/locks")
        else { return false }
        return isHeld(DeviceNumber(UInt64(status.st_dev)), inode: UInt64(status.st_ino), in: table)
    }

    /// `1: FLOCK  ADVISORY  WRITE 1234 fe:0a:5678 0 EOF`; a line of somebody who waits has `->` before `FLOCK`.
    static func isHeld(_ device: DeviceNumber, inode: UInt64, in table: String) -> Bool {
        table.split(separator: "\n").contains { line in
            let words = line.split(separator: " ")
            guard words.count >= 6, words[1] == "FLOCK", words[3] == "WRITE" else { return false }
            let parts = words[5].split(separator: ":")
            return parts.count == 3 && UInt32(parts[0], radix: 16) == device.major
                && UInt32(parts[1], radix: 16) == device.minor && UInt64(parts[2]) == inode
        }
    }
}
