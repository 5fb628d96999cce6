public import SystemPackage

/// The settings of lvm.conf that decide how to live beside LVM, with its defaults filled in.
public struct LVMConfiguration: Sendable, Equatable {
    /// Where LVM keeps its lock files (`global/locking_dir`).
    public var lockingDirectory: FilePath
    /// Writers announce themselves in a second file (`global/prioritise_write_locks`).
    public var prioritisesWriteLocks: Bool
    /// LVM asks lvmlockd for the locks of shared VGs (`global/use_lvmlockd`).
    public var usesLockDaemon: Bool
    /// Where the device nodes of volumes are (`devices/dir`).
    public var deviceDirectory: FilePath

    /// Settings with these values.
    public init(
        lockingDirectory: FilePath, prioritisesWriteLocks: Bool, usesLockDaemon: Bool, deviceDirectory: FilePath
    ) {
        self.lockingDirectory = lockingDirectory
        self.prioritisesWriteLocks = prioritisesWriteLocks
        self.usesLockDaemon = usesLockDaemon
        self.deviceDirectory = deviceDirectory
    }

    static let command = LVMCommand.report([
        "lvmconfig", "--typeconfig", "full", "global/locking_dir", "global/prioritise_write_locks",
        "global/use_lvmlockd", "devices/dir",
    ])

    /// Reads what ``command`` prints: a line `name=value` each, texts in quotes.
    init(parsing output: String) throws(LVMError) {
        var values: [Substring: Substring] = [:]
        for line in output.split(whereSeparator: \.isNewline) {
            let parts = line.split(separator: "=", maxSplits: 1)
            if parts.count == 2 { values[parts[0]] = parts[1] }
        }
        func value(_ name: Substring) throws(LVMError) -> Substring {
            guard let value = values[name] else {
                throw LVMError(.badReport, "lvmconfig does not tell \(name)", lines: [output])
            }
            return value
        }
        func path(_ name: Substring) throws(LVMError) -> FilePath {
            let text = try value(name)
            guard text.count >= 2, text.hasPrefix("\""), text.hasSuffix("\"") else {
                throw LVMError(.badReport, "lvmconfig gives no text for \(name)", lines: [output])
            }
            return FilePath(String(text.dropFirst().dropLast()))
        }
        lockingDirectory = try path("locking_dir")
        prioritisesWriteLocks = try value("prioritise_write_locks") != "0"
        usesLockDaemon = try value("use_lvmlockd") != "0"
        deviceDirectory = try path("dir")
    }
}
