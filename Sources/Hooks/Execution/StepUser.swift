import Glibc

/// The user that a step runs as.
struct StepUser {
    var name: String
    var uid: uid_t
    var gid: gid_t
    var groups: [gid_t]
    var home: String
    var shell: String

    /// getpwnam_r(3), getgrouplist(3). `nil`: there is none of that name.
    init?(named name: String) {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 65536)
        guard getpwnam_r(name, &entry, &buffer, buffer.count, &found) == 0, found != nil else { return nil }
        self.name = name
        uid = entry.pw_uid
        gid = entry.pw_gid
        home = String(cString: entry.pw_dir)
        shell = String(cString: entry.pw_shell)
        var count: Int32 = 256
        var list = [gid_t](repeating: 0, count: Int(count))
        groups = getgrouplist(name, gid, &list, &count) < 0 ? [gid] : Array(list.prefix(Int(count)))
    }

    /// The users of some steps, looked up while no application is at rest: a name service may need one.
    static func all(of steps: [HookStep]) -> [String: StepUser] {
        var users: [String: StepUser] = [:]
        for name in Set(steps.compactMap(\.runAs) + ["root"]) { users[name] = StepUser(named: name) }
        return users
    }

    var variables: [String: String] {
        ["HOME": home, "USER": name, "LOGNAME": name, "SHELL": shell.isEmpty ? "/bin/sh" : shell]
    }
}
