import Glibc
public import SystemPackage

/// A process that holds something open.
public struct FileUser: Sendable, Hashable, CustomStringConvertible {
    /// In our own pid namespace.
    public var process: Int32
    /// What ps shows of it.
    public var command: String
    /// One of the files that it uses.
    public var path: FilePath

    /// `postgres (1234)`
    public var description: String { "\(command) (\(process))" }
}

/// Who uses files below a directory, as far as /proc tells: open files, working and root directories, programs.
public enum OpenFiles {
    /// The processes that use something at or below one of the paths; not those that ended meanwhile, and not the
    /// calling one. The kernel's own uses (a loop device, an NFS export) are not found.
    ///
    /// - Parameter elsewhere: by a process of another mount namespace: paths that are meant for all processes of that one.
    public static func users(
        below paths: [FilePath], elsewhere: [Int32: [FilePath]] = [:], proc: FilePath = "/proc"
    ) throws(SystemCallError) -> [FileUser] {
        func namespace(_ process: Int32) -> FilePath? { SmallFiles.link(proc.appending("\(process)/ns/mnt")) }
        var foreign: [FilePath: [FilePath]] = [:]
        for (process, paths) in elsewhere {
            if let namespace = namespace(process) { foreign[namespace, default: []] += paths }
        }
        func isBelow(_ file: String, _ places: [FilePath]) -> Bool {
            places.map(\.string).contains { file == $0 || file.hasPrefix($0 == "/" ? $0 : $0 + "/") }
        }
        var users: [FileUser] = []
        for name in try SmallFiles.names(proc) {
            guard let process = Int32(name), process != getpid() else { continue }
            let directory = proc.appending(name)
            let descriptors = directory.appending("fd")
            let names = (try? SmallFiles.names(descriptors)) ?? []
            var links = ["cwd", "root", "exe"].map { directory.appending($0) }
            links += names.map { descriptors.appending($0) }
            let places = foreign.isEmpty ? paths : paths + (namespace(process).flatMap { foreign[$0] } ?? [])
            guard let path = links.lazy.compactMap(SmallFiles.link).first(where: { isBelow($0.string, places) }) else {
                continue
            }
            let command = try? SmallFiles.text(directory.appending("comm"))
            users.append(FileUser(process: process, command: command ?? "?", path: path))
        }
        return users.sorted { $0.process < $1.process }
    }
}
