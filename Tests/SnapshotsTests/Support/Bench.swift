import FoundationEssentials
import Hooks
import SetModel
import Simulation
import SystemPackage
import TestSupport
import Testing

@testable import Snapshots

/// A simulated host, and engines that run on it one after another, each as a process of its own.
struct Bench {
    let host: SimulatedHost
    let scratch: Scratch
    static let now = Date(timeIntervalSince1970: 1_795_411_031)

    init(_ host: SimulatedHost) throws {
        self.host = host
        scratch = try Scratch()
    }

    func engine() -> Engine {
        let storage = SimulatedStorage(host) { [directory = scratch.path] plan in
            try HookSession(
                plan, record: directory.appending(plan.run + HookRecord.suffix),
                executable: FilePath(try #require(Built.stillpoint)))
        }
        return Engine(storage: storage, runDirectory: scratch.path, now: { Self.now }) {
            try storage.openCatalog(forWriting: $0)
        }
    }

    @discardableResult
    func create(_ targets: [String], name: String? = nil, dryRun: Bool = false) async throws -> SnapshotSet {
        try await create(CreateRequest(targets: targets, name: name, dryRun: dryRun))
    }

    @discardableResult
    func create(_ request: CreateRequest) async throws -> SnapshotSet {
        try await engine().create(request, progress: WatchingProgress(host: host))
    }

    func delete(_ name: String) async throws {
        for result in try await delete([name]) { _ = try result.get() }
    }

    @discardableResult
    func delete(_ names: [String]) async throws -> [Result<SnapshotSet, SnapshotError>] {
        try await engine().delete(names, progress: WatchingProgress(host: host))
    }

    func recover() async throws -> RecoveryReport {
        try await engine().recover(progress: WatchingProgress(host: host))
    }

    // MARK: Judging

    /// What must hold after every call that returned, whatever went wrong in it.
    func expectOrder(_ comment: Comment, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(host.violations == [], comment, sourceLocation: sourceLocation)
        #expect(host.leftBehind == [], comment, sourceLocation: sourceLocation)
    }

    /// The catalog tells of the sets that there are, and of no other.
    func expectAgreement(_ comment: Comment, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let listed = try await engine().list()
        func lines(_ sets: [SnapshotSet]) -> [String] { sets.map { "\($0.id) \($0.name) \($0.state)" }.sorted() }
        #expect(lines(listed) == lines(host.sets), comment, sourceLocation: sourceLocation)
    }

    /// The next run finds everything usable, and leaves what was there before.
    func expectUsable(
        _ targets: [String], state: [String], _ comment: Comment, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        do {
            try await create(targets, name: "next")
            try await delete("next")
        } catch {
            Issue.record("the next set: \(error); \(comment)", sourceLocation: sourceLocation)
        }
        #expect(host.state == state, comment, sourceLocation: sourceLocation)
        expectOrder(comment, sourceLocation: sourceLocation)
        try await expectAgreement(comment, sourceLocation: sourceLocation)
    }
}

/// Reports are made to a terminal, which may lie on what stands still.
struct WatchingProgress: Progress {
    let host: SimulatedHost

    func step(_ text: String) {
        #expect(host.standing == [], "progress was reported inside the window: \(text)")
    }

    func warn(_ text: String) { step(text) }
}
