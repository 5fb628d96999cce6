public import SystemPackage

/// A process, told apart from a later one with the same pid, also after a reboot.
public struct ProcessIdentity: Sendable, Hashable, Codable {
    /// The pid in our own pid namespace.
    public var process: Int32
    /// Clock ticks from boot to its start (field 22 of proc_pid_stat(5)).
    public var startTime: UInt64
    /// ``Processes/bootID(proc:)`` of the boot it runs in.
    public var bootID: String

    /// From what was recorded.
    public init(process: Int32, startTime: UInt64, bootID: String) {
        self.process = process
        self.startTime = startTime
        self.bootID = bootID
    }
}

/// What /proc says about processes.
public enum Processes {
    /// Clock ticks from boot to the start of a process; `nil` when there is none, or only a zombie of it.
    public static func startTime(of process: Int32, proc: FilePath = "/proc") throws(SystemCallError) -> UInt64? {
        try SmallFiles.textIfPresent(proc.appending("\(process)").appending("stat")).flatMap(startTime(stat:))
    }

    /// A random UUID of this boot of the kernel (random(4)).
    public static func bootID(proc: FilePath = "/proc") throws(SystemCallError) -> String {
        try SmallFiles.text(proc.appending(FilePath("sys/kernel/random/boot_id").components))
    }

    /// The identity of a process; `nil` when there is none.
    public static func identity(of process: Int32, proc: FilePath = "/proc") throws(SystemCallError) -> ProcessIdentity?
    {
        guard let start = try startTime(of: process, proc: proc) else { return nil }
        return ProcessIdentity(process: process, startTime: start, bootID: try bootID(proc: proc))
    }

    /// True when that very process runs.
    public static func isAlive(_ identity: ProcessIdentity, proc: FilePath = "/proc") throws(SystemCallError) -> Bool {
        try self.identity(of: identity.process, proc: proc) == identity
    }

    /// `PID (NAME) STATE PPID ...`, where NAME can hold blanks and parentheses.
    static func startTime(stat: String) -> UInt64? {
        guard let end = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[stat.index(after: end)...].split(separator: " ")
        // The first here is field 3, the state.
        guard fields.count > 19, fields[0] != "Z", fields[0] != "X" else { return nil }
        return UInt64(fields[19])
    }
}
