public import Lifecycle
public import SystemPackage

/// What is remembered of the clock between two calls: `clock.json` in the state directory.
public struct ClockJournal: Sendable {
    private let file: StateFile<ClockTrust>

    public init(directory: FilePath) {
        file = StateFile(
            directory: directory, name: "clock.json", limit: 65536,
            advice: "see whether the clock is right, and remove the file")
    }

    /// `nil` where there is no file: the clock is believed.
    ///
    /// - Throws: ``SnapshotError`` for a file that is damaged, or not safe to use.
    public func read() throws -> ClockTrust? { try file.read() }

    /// All of it, or nothing.
    public func write(_ trust: ClockTrust) throws { try file.write(trust) }
}
