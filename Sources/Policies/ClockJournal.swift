import FoundationEssentials
import Glibc
public import Lifecycle
import LinuxSystem
import SetModel
public import SystemPackage

/// What is remembered of the clock between two calls: `clock.json` in the state directory.
public struct ClockJournal: Sendable {
    private let directory: FilePath
    private var file: FilePath { directory.appending("clock.json") }

    public init(directory: FilePath) { self.directory = directory }

    /// The largest file.
    private static let limit = 65536

    /// `nil` where there is no file: the clock is believed.
    ///
    /// - Throws: ``SnapshotError`` for a file that is damaged, or not safe to use.
    public func read() throws -> ClockTrust? {
        var status = stat()
        guard file.withPlatformString({ lstat($0, &status) }) == 0 else { return nil }
        do {
            let bytes = try SafeFile.read(file, below: directory, limit: Self.limit)
            return try JSONDecoder().decode(ClockTrust.self, from: Data(bytes))
        } catch let error as DecodingError {
            throw SnapshotError(
                .refused, "\(file) is damaged: see whether the clock is right, and remove the file", cause: error)
        } catch {
            throw SnapshotError(.refused, String(describing: error))
        }
    }

    /// All of it, or nothing.
    public func write(_ trust: ClockTrust) throws {
        do {
            try SafeDirectory.ensure(directory)
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
            try AtomicFile.write(try encoder.encode(trust), to: file)
        } catch {
            throw SnapshotError(.failed, "\(file) cannot be written", cause: error)
        }
    }
}
