import Glibc
import LinuxSystem
import SystemPackage

/// Says that a set's tree is being made or taken away. One that is left over tells that whoever did it died.
struct ChangeMark {
    let directory: FilePath

    func begin(_ set: String) throws {
        try SafeDirectory.ensure(directory)
        try AtomicFile.write([], to: directory.appending(set))
    }

    func end(_ set: String) { unlink(directory.appending(set).string) }

    /// The ids of the sets with a mark.
    var left: [String] {
        guard let stream = opendir(directory.string) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }
}
