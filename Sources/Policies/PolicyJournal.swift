public import SystemPackage

/// What is remembered of all policies: `policies.json` in the state directory.
///
/// While something may stand still, that may be what holds the state directory, and whoever writes there would wait for
/// the thaw. Then the file is written into the run directory, which is on tmpfs, and counts until the next run has
/// written the other one.
public struct PolicyJournal: Sendable {
    private typealias File = StateFile<[String: PolicyMemory]>

    private let file: File
    private let fileAside: File?

    /// - Parameter aside: the run directory; `nil`: nothing can be set aside.
    public init(directory: FilePath, aside: FilePath? = nil) {
        file = Self.file(in: directory)
        fileAside = aside.map(Self.file)
    }

    private static func file(in directory: FilePath) -> File {
        File(
            directory: directory, name: "policies.json", limit: 16 << 20,
            advice: "move it aside; schedules then begin anew, and catch nothing up")
    }

    /// Whether the last run could not be sure that the state directory can be written.
    public var isSetAside: Bool { fileAside?.isPresent ?? false }

    /// By policy id. Nothing is remembered where there is no file: schedules begin anew, and catch nothing up.
    ///
    /// - Throws: ``SnapshotError`` for a file that is damaged, or not safe to use.
    public func read() throws -> [String: PolicyMemory] { try fileAside?.read() ?? file.read() ?? [:] }

    /// All of it, or nothing.
    public func write(_ memories: [String: PolicyMemory]) throws {
        try file.write(memories)
        fileAside?.remove()
    }

    /// ``write(_:)`` while something may stand still: into the run directory.
    public func setAside(_ memories: [String: PolicyMemory]) throws { try fileAside?.write(memories) }
}
