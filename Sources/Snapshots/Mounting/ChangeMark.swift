import Glibc
import LinuxSystem
import SetModel
import SystemPackage

/// Says that a set's tree is being made or taken away. One that is left over tells that whoever did it died.
///
/// An id is the name of a file here: what is none is refused, wherever it came from.
struct ChangeMark {
    let directory: FilePath

    func begin(_ set: String) throws {
        guard SetName.isID(set) else { throw SnapshotError(.refused, "\(set.debugDescription) is no id of a set") }
        try SafeDirectory.ensure(directory)
        try AtomicFile.write([], to: directory.appending(set))
    }

    func end(_ set: String) {
        guard SetName.isID(set) else { return }
        unlink(directory.appending(set).string)
    }

    /// The ids of the sets with a mark.
    var left: [String] {
        guard let stream = opendir(directory.string) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if SetName.isID(name) { names.append(name) }
        }
        return names
    }
}
