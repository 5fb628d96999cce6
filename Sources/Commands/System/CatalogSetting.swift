import Catalog
import Documents
import FoundationEssentials
import Glibc
import LinuxSystem
import SetModel
import SystemPackage

/// The line `catalog:` of stillpoint.yaml, and its change to another kind of store: nothing else in the file becomes
/// another, comments included.
struct CatalogSetting {
    private static let key = "catalog:"

    private let directory: FilePath
    private let kind: CatalogKind
    private let text: String
    /// Of the file as it is; `nil`: there is none.
    private let status: stat?

    var file: FilePath { HostConfiguration.file(in: directory) }

    /// Finds out whether the file can be changed, and how. Changes nothing.
    ///
    /// - Parameter directory: of the configuration.
    /// - Throws: ``SnapshotError``: `refused` for a file that is unsafe, a link, or written in another way.
    init(_ kind: CatalogKind, in directory: FilePath) throws(SnapshotError) {
        self.kind = kind
        self.directory = directory
        let file = HostConfiguration.file(in: directory)
        var found = stat()
        guard lstat(file.string, &found) == 0 else {
            guard errno == ENOENT else {
                throw Self.refusal(file, kind, SystemCallError("lstat", file, Errno(rawValue: errno)))
            }
            status = nil
            text = Self.text("", naming: kind)
            return
        }
        guard found.st_mode & S_IFMT != S_IFLNK else {
            // Who made it a link has the file elsewhere, under another one's care.
            throw Self.refusal(file, kind, "it is a symbolic link")
        }
        status = found
        do {
            let before = try DocumentText.of(
                try SafeFile.read(file, below: directory, limit: DocumentText.limit), file: file)
            text = Self.text(before, naming: kind)
            var expected = try HostConfiguration.read(in: directory)
            expected.catalog = kind
            let changed = try HostConfiguration(DocumentNode(parsing: text, file: file))
            guard changed == expected else { throw SnapshotError(.refused, "it is written in another way") }
        } catch {
            throw Self.refusal(file, kind, error)
        }
    }

    private static func refusal(_ file: FilePath, _ kind: CatalogKind, _ cause: Any) -> SnapshotError {
        SnapshotError(
            .refused, "\(file) cannot be changed, so nothing is converted; what it has to say is `catalog: \(kind)`",
            causes: [String(describing: cause)])
    }

    /// Replaces the value of a line that begins with the key; without such a line it is the last one.
    static func text(_ text: String, naming kind: CatalogKind) -> String {
        // Not by characters: to Swift, the end of a line of Windows is one.
        var lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(Array.init)
        if let index = lines.firstIndex(where: { $0.starts(with: key.utf8) }) {
            func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
            let value = lines[index].dropFirst(key.utf8.count).drop(while: isBlank)
            let rest = value.drop { !isBlank($0) && $0 != UInt8(ascii: "\r") }
            lines[index] = Array("\(key) \(kind)".utf8) + rest
        } else {
            if lines.last?.isEmpty == true { lines.removeLast() }
            lines += [Array("\(key) \(kind)".utf8), []]
        }
        return String(decoding: Array(lines.joined(separator: [UInt8(ascii: "\n")])), as: UTF8.self)
    }

    /// Writes it, all at once, for the same owner and group, and with the same mode.
    func write() throws(SnapshotError) {
        do {
            if let status {
                let mode = FilePermissions(rawValue: status.st_mode & 0o7777)
                try AtomicFile.write(text.utf8, to: file, permissions: mode)
                // The owner is this user, else it would have been refused.
                guard chown(file.string, uid_t.max, status.st_gid) == 0 else {
                    throw SystemCallError("chown", file, Errno(rawValue: errno))
                }
            } else {
                try SafeDirectory.ensure(
                    directory, permissions: [.ownerReadWriteExecute, .groupReadExecute, .otherReadExecute])
                try AtomicFile.write(text.utf8, to: file, permissions: [.ownerReadWrite, .groupRead, .otherRead])
            }
        } catch {
            throw SnapshotError(.failed, "\(file) could not be written; the catalog stays what it was", cause: error)
        }
    }
}
