public import Hooks
public import SetModel

/// A hook document for one set, and how to go about it.
public struct HookRequest: Sendable {
    /// What becomes of the set when applications cannot be brought to rest.
    public enum OnFailure: String, Sendable, CaseIterable {
        /// It is taken all the same, and is not application-consistent.
        case crashConsistent = "crash-consistent"
        /// It is not taken.
        case skip
    }

    public var document: HookDocument
    /// A value for every parameter of the document.
    public var parameters: [String: String]
    /// For `pre`, and for `post`.
    public var timeout: Duration
    /// How often the whole attempt is repeated.
    public var retries: Int
    public var onFailure: OnFailure
    /// The longest time that applications may be at rest.
    public var quiesceLimit: Duration

    public init(
        document: HookDocument, parameters: [String: String] = [:], timeout: Duration = .seconds(10),
        retries: Int = 0, onFailure: OnFailure = .crashConsistent, quiesceLimit: Duration = .seconds(120)
    ) {
        self.document = document
        self.parameters = parameters
        self.timeout = timeout
        self.retries = retries
        self.onFailure = onFailure
        self.quiesceLimit = quiesceLimit
    }

    /// What a set will mean whose hooks succeed, when it means `consistency` without them.
    func promise(over consistency: Consistency) -> Consistency {
        consistency == .filesystem || document.coversRawVolumes ? .application : consistency
    }
}

/// What runs a hook document's steps. Whatever becomes of the engine, what was brought to rest is let go.
public protocol Quiescing: Sendable {
    /// Runs `pre` and `hold`. When the report says that it is not quiesced, `post` was run already.
    func quiesce(attempt: Int) async -> HookReport
    /// Ends `hold` and runs `post`.
    func release(consistency: Consistency?) async -> HookReport
    /// Ends what runs them.
    func end() async
}

extension HookSession: Quiescing {}

/// The applications of one set, from before its cut until after it.
struct Applications {
    private let request: HookRequest
    private let session: any Quiescing
    private var isQuiesced = false
    /// What every step did.
    private(set) var results: [HookResult] = []
    /// Why the set is not application-consistent.
    private(set) var problem: String?
    /// `post` did not do all of its work.
    private(set) var releaseFailed = false

    init(_ request: HookRequest, _ session: any Quiescing) {
        self.request = request
        self.session = session
    }

    /// Brings them to rest, in as many attempts as are allowed.
    ///
    /// - Parameter isRequired: no set is wanted without it.
    /// - Throws: ``SnapshotError/Code/hook`` when the set is to be skipped.
    mutating func quiesce(isRequired: Bool, _ progress: any Progress) async throws {
        for attempt in 1...(request.retries + 1) {
            progress.step("bringing applications to rest")
            let report = await session.quiesce(attempt: attempt)
            results += report.steps
            isQuiesced = report.isQuiesced
            if isQuiesced {
                problem = report.isClean ? nil : sentence(of: report)
                if request.document.pre.isEmpty, request.document.hold == nil {
                    problem =
                        "hook document \(request.document.name) brings nothing to rest: it has neither pre nor hold"
                }
                return
            }
            problem = sentence(of: report)
            // `post` was run, after a stage that failed.
            if report.hasFired || report.steps.contains(where: { $0.stage == .post && $0.status != .succeeded }) {
                releaseFailed = true
            }
            try Task.checkCancellation()
        }
        if request.onFailure == .skip || isRequired {
            throw SnapshotError(.hook, "no set was taken: " + (problem ?? "its hooks failed"), causes: failedReleases)
        }
        progress.warn("the set will not be application-consistent: " + (problem ?? "its hooks failed"))
    }

    /// Lets them go. Does nothing when they are not at rest.
    mutating func release(_ consistency: Consistency?) async {
        guard isQuiesced else { return }
        isQuiesced = false
        let report = await session.release(consistency: problem == nil ? consistency : nil)
        results += report.steps
        if report.hasFired { problem = problem ?? "applications were let go before the cut was over" }
        guard !report.isClean || report.hasFired || report.holdWasLost else { return }
        releaseFailed = true
        problem = problem ?? sentence(of: report)
    }

    /// The document left file systems frozen, which were thawed.
    mutating func noteLeftFrozen(_ labels: [String]) {
        guard !labels.isEmpty else { return }
        releaseFailed = true
        problem = problem ?? "hook document \(request.document.name) left \(list(labels)) frozen"
    }

    /// What `post` could not do, a sentence each.
    var failedReleases: [String] {
        results.filter { $0.stage == .post && $0.status != .succeeded }.map(\.sentence)
    }

    /// To be called when nothing more is asked of them.
    func end() async { await session.end() }

    private func sentence(of report: HookReport) -> String {
        let failure = report.steps.first { $0.status != .succeeded }?.sentence
        return "hook document \(request.document.name): " + (failure ?? "its supervisor died")
    }
}

extension Engine {
    public func rehearse(_ request: HookRequest) async throws -> [HookResult] {
        let lock = try RunLock(runDirectory)
        defer { lock.release() }
        let id = SetName.drawID()
        let plan = HookPlan(
            request.document, run: id,
            environment: HookEnvironment(setID: id, setName: "rehearsal", parameters: request.parameters),
            stageLimit: request.timeout, quiesceLimit: request.quiesceLimit)
        do {
            let session = try await storage.hooks(plan)
            var steps: [HookResult] = []
            let report = await session.quiesce(attempt: 1)
            steps += report.steps
            if report.isQuiesced { steps += await session.release(consistency: nil).steps }
            await session.end()
            return steps
        } catch {
            throw error.asSnapshotError
        }
    }
}
