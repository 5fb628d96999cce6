import FoundationEssentials
import Glibc
import LinuxSystem
import SetModel
public import SystemPackage

/// What is remembered of all policies: `policies.json` in the state directory.
///
/// While something may stand still, that may be what holds the state directory, and whoever writes there would wait for
/// the thaw. Then the file is written into the run directory, which is on tmpfs, and counts until the next run has
/// written the other one.
public struct PolicyJournal: Sendable {
    private static let name = "policies.json"

    private let directory: FilePath
    private let aside: FilePath?
    private var file: FilePath { directory.appending(Self.name) }
    private var fileAside: FilePath? { aside?.appending(Self.name) }

    /// - Parameter aside: the run directory; `nil`: nothing can be set aside.
    public init(directory: FilePath, aside: FilePath? = nil) {
        self.directory = directory
        self.aside = aside
    }

    /// The largest file.
    private static let limit = 16 << 20

    /// Whether the last run could not be sure that the state directory can be written.
    public var isSetAside: Bool { fileAside.map(Self.isPresent) ?? false }

    private static func isPresent(_ file: FilePath) -> Bool {
        var status = stat()
        return file.withPlatformString { lstat($0, &status) } == 0
    }

    /// By policy id. Nothing is remembered where there is no file: schedules begin anew, and catch nothing up.
    ///
    /// - Throws: ``SnapshotError`` for a file that is damaged, or not safe to use.
    public func read() throws -> [String: PolicyMemory] {
        if let aside, let file = fileAside, isSetAside { return try read(file, below: aside) }
        return try Self.isPresent(file) ? read(file, below: directory) : [:]
    }

    private func read(_ file: FilePath, below directory: FilePath) throws -> [String: PolicyMemory] {
        do {
            let bytes = try SafeFile.read(file, below: directory, limit: Self.limit)
            return try JSONDecoder().decode([String: PolicyMemory].self, from: Data(bytes))
        } catch let error as DecodingError {
            throw SnapshotError(
                .refused, "\(file) is damaged: move it aside; schedules then begin anew, and catch nothing up",
                cause: error)
        } catch {
            throw SnapshotError(.refused, String(describing: error))
        }
    }

    /// All of it, or nothing.
    public func write(_ memories: [String: PolicyMemory]) throws {
        try write(memories, to: file, in: directory)
        _ = fileAside?.withPlatformString { unlink($0) }
    }

    /// ``write(_:)`` while something may stand still: into the run directory.
    public func setAside(_ memories: [String: PolicyMemory]) throws {
        if let aside, let file = fileAside { try write(memories, to: file, in: aside) }
    }

    private func write(_ memories: [String: PolicyMemory], to file: FilePath, in directory: FilePath) throws {
        do {
            try SafeDirectory.ensure(directory)
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
            try AtomicFile.write(try encoder.encode(memories), to: file)
        } catch {
            throw SnapshotError(.failed, "\(file) cannot be written", cause: error)
        }
    }
}
