import Glibc
public import SystemPackage

/// A control group (cgroup v2) of our own, below the root one: everything that is started in it, and whatever that
/// starts, can be ended at once.
public struct ControlGroup: Sendable {
    public let path: FilePath

    private static let mount: FilePath = "/sys/fs/cgroup"

    /// The group of that name, whether or not it exists.
    public init(named name: String) { path = Self.mount.appending(name) }

    private init(path: FilePath) { self.path = path }

    /// A group inside it.
    public func child(_ name: String) -> ControlGroup { ControlGroup(path: path.appending(name)) }

    /// Makes it, with its parents.
    ///
    /// - Returns: false where there is no cgroup v2, or it cannot be written: in many containers.
    public func make() -> Bool {
        guard Self.mount.appending("cgroup.procs").withPlatformString({ access($0, W_OK) }) == 0 else { return false }
        if path.removingLastComponent() != Self.mount {
            guard ControlGroup(path: path.removingLastComponent()).make() else { return false }
        }
        return path.withPlatformString { mkdir($0, 0o755) } == 0 || errno == EEXIST
    }

    /// An open descriptor of it, to be born in; -1 when it is not there.
    public func open() -> Int32 { path.withPlatformString { Glibc.open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) } }

    /// Sends SIGKILL to every process in it and in the groups inside it (cgroup.kill, kernel 5.14).
    public func kill() {
        let file = path.appending("cgroup.kill").withPlatformString { Glibc.open($0, O_WRONLY | O_CLOEXEC) }
        guard file >= 0 else { return }
        _ = write(file, "1", 1)
        close(file)
    }

    /// Whether a process is left in it (cgroup.events).
    public var isPopulated: Bool {
        guard let events = try? SmallFiles.text(path.appending("cgroup.events")) else { return false }
        return events.split(separator: "\n").contains("populated 1")
    }

    /// Removes it and the groups inside it, which must be empty.
    public func remove() {
        for name in (try? SmallFiles.namesIfPresent(path)) ?? [] {
            let inner = path.appending(name)
            var status = stat()
            guard inner.withPlatformString({ lstat($0, &status) }) == 0, status.st_mode & S_IFMT == S_IFDIR else {
                continue
            }
            ControlGroup(path: inner).remove()
        }
        _ = path.withPlatformString { rmdir($0) }
    }

    /// Removes it and lets what lives in it live on, in the root group.
    public func disband() {
        for name in (try? SmallFiles.namesIfPresent(path)) ?? [] where name.hasPrefix("step-") { child(name).disband() }
        // What lives in it may start others meanwhile.
        for _ in 0..<100 {
            let processes = (try? SmallFiles.textIfPresent(path.appending("cgroup.procs"))) ?? nil
            guard let pids = processes?.split(separator: "\n"), !pids.isEmpty else { break }
            for pid in pids { Self.join(String(pid)) }
        }
        remove()
    }

    /// Leaves the control group of whoever started this process: when a service or session ends, systemd kills what is
    /// left in its group. The root group takes any process (cgroups(7)).
    public static func leaveOwn() {
        join("0")
        // Where cgroup v1 is in use, v2 is beside it.
        join("0", below: mount.appending("unified"))
    }

    /// Moves a process into the root group.
    private static func join(_ pid: String, below mount: FilePath = mount) {
        let file = mount.appending("cgroup.procs").withPlatformString { Glibc.open($0, O_WRONLY | O_CLOEXEC) }
        guard file >= 0 else { return }
        _ = write(file, pid, pid.utf8.count)
        close(file)
    }
}
