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
    public static func users(below paths: [FilePath], proc: FilePath = "/proc") throws(SystemCallError) -> [FileUser] {
        let places = paths.map(\.string)
        func isBelow(_ file: String) -> Bool {
            places.contains { file == $0 || file.hasPrefix($0 == "/" ? $0 : $0 + "/") }
        }
        var users: [FileUser] = []
        for name in try SmallFiles.names(proc) {
            guard let process = Int32(name), process != getpid() else { continue }
            let directory = proc.appending(name)
            let descriptors = directory.appending("fd")
            let names = (try? SmallFiles.names(descriptors)) ?? []
            var links = ["cwd", "root", "exe"].map { directory.appending($0) }
            links += names.map { descriptors.appending($0) }
            guard let path = links.lazy.compactMap(SmallFiles.link).first(where: { isBelow($0.string) }) else {
                continue
            }
            let command = try? SmallFiles.text(directory.appending("comm"))
            users.append(FileUser(process: process, command: command ?? "?", path: path))
        }
        return users.sorted { $0.process < $1.process }
    }
}
