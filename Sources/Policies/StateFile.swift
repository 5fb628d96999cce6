import FoundationEssentials
import Glibc
import LinuxSystem
import SetModel
import SystemPackage

/// A value in a file of its own, as JSON, in a directory that is root's.
struct StateFile<Value: Codable>: Sendable {
    let directory: FilePath
    let name: String
    /// The largest file, in bytes.
    let limit: Int
    /// What to do about a damaged one.
    let advice: String

    var path: FilePath { directory.appending(name) }

    var isPresent: Bool {
        var status = stat()
        return path.withPlatformString { lstat($0, &status) } == 0
    }

    /// `nil` where there is no file.
    ///
    /// - Throws: ``SnapshotError`` for a file that is damaged, or not safe to use.
    func read() throws -> Value? {
        guard isPresent else { return nil }
        do {
            let bytes = try SafeFile.read(path, below: directory, limit: limit)
            return try JSONDecoder().decode(Value.self, from: Data(bytes))
        } catch let error as DecodingError {
            throw SnapshotError(.refused, "\(path) is damaged: \(advice)", cause: error)
        } catch {
            throw SnapshotError(.refused, String(describing: error))
        }
    }

    /// All of it, or nothing.
    func write(_ value: Value) throws {
        do {
            try SafeDirectory.ensure(directory)
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
            try AtomicFile.write(try encoder.encode(value), to: path)
        } catch {
            throw SnapshotError(.failed, "\(path) cannot be written", cause: error)
        }
    }

    func remove() { _ = path.withPlatformString { unlink($0) } }
}
