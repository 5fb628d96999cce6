import Glibc
import LinuxSystem
import SetModel
import SystemPackage

/// Where it is remembered how far a sink is: `ID.cursor`, beside the events.
struct CursorFile {
    private static let suffix = ".cursor"

    private let directory: FilePath
    let path: FilePath

    init(of sink: String, in directory: FilePath) {
        self.directory = directory
        path = directory.appending(sink + Self.suffix)
    }

    /// Of all sinks that there ever were.
    static func all(in directory: FilePath) throws -> [CursorFile] {
        try DirectoryListing.names(directory).filter { $0.hasSuffix(suffix) }
            .map { CursorFile(of: String($0.dropLast(suffix.count)), in: directory) }
    }

    var isPresent: Bool {
        var status = stat()
        return path.withPlatformString { lstat($0, &status) } == 0
    }

    /// `nil` when there is none.
    func read() throws -> SinkCursor? {
        guard isPresent else { return nil }
        let bytes = try SafeFile.read(path, below: directory, limit: 1 << 16)
        do {
            return try EventJSON.decode(SinkCursor.self, from: bytes)
        } catch {
            throw SnapshotError(
                .refused, "\(path) is damaged: move it aside; the sink then goes on with the next event", cause: error)
        }
    }

    /// By one writer at a time.
    func write(_ cursor: SinkCursor) throws {
        try AtomicFile.write(try EventJSON.encode(cursor) + [LogFile.newline], to: path)
    }
}
