public import FoundationEssentials
import Glibc
public import Lifecycle
import LinuxSystem
import SetModel
public import SystemPackage

/// What is remembered of a policy between two runs.
public struct PolicyMemory: Sendable, Codable, Equatable {
    /// By schedule id.
    public var handled: [String: HandledRuns] = [:]
    /// Creations that failed since the newest complete set.
    public var failures = 0
    /// Why the last one failed, and when.
    public var problem: String?
    public var problemAt: Date?
    /// When `run` saw the policy first; `nil` in journals of earlier versions.
    public var firstSeen: Date?
    /// When its newest set was taken, as it was told by the run that took it; `nil`: never yet.
    public var lastSuccess: Date?
    /// How long the last creation took, whatever became of it; and how long file systems stood still in the last one
    /// that succeeded.
    public var lastRunSeconds: Double?
    public var lastFrozenWindowMs: Double?
    public var counters = PolicyCounters()
    /// When `run` first saw sets of it and no file; `nil`: it is there.
    public var goneSince: Date?

    public init() {}

    /// What is not there is as it is at the beginning: also journals of earlier versions can be read.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        handled = try values.decodeIfPresent([String: HandledRuns].self, forKey: .handled) ?? [:]
        failures = try values.decodeIfPresent(Int.self, forKey: .failures) ?? 0
        problem = try values.decodeIfPresent(String.self, forKey: .problem)
        problemAt = try values.decodeIfPresent(Date.self, forKey: .problemAt)
        firstSeen = try values.decodeIfPresent(Date.self, forKey: .firstSeen)
        lastSuccess = try values.decodeIfPresent(Date.self, forKey: .lastSuccess)
        lastRunSeconds = try values.decodeIfPresent(Double.self, forKey: .lastRunSeconds)
        lastFrozenWindowMs = try values.decodeIfPresent(Double.self, forKey: .lastFrozenWindowMs)
        goneSince = try values.decodeIfPresent(Date.self, forKey: .goneSince)
        counters = try values.decodeIfPresent(PolicyCounters.self, forKey: .counters) ?? PolicyCounters()
    }

    private enum CodingKeys: String, CodingKey {
        case handled, failures, problem, problemAt
        case firstSeen, lastSuccess, lastRunSeconds, lastFrozenWindowMs, counters, goneSince
    }
}

/// What is remembered of all policies: `policies.json` in the state directory.
public struct PolicyJournal: Sendable {
    private let directory: FilePath
    private var file: FilePath { directory.appending("policies.json") }

    public init(directory: FilePath) { self.directory = directory }

    /// The largest file.
    private static let limit = 16 << 20

    /// By policy id. Nothing is remembered where there is no file: schedules begin anew, and catch nothing up.
    ///
    /// - Throws: ``SnapshotError`` for a file that is damaged, or not safe to use.
    public func read() throws -> [String: PolicyMemory] {
        var status = stat()
        guard file.withPlatformString({ lstat($0, &status) }) == 0 else { return [:] }
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
