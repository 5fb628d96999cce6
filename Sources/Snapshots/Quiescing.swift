import GuardProtocol
public import Hooks
import LinuxSystem
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

    /// - Parameter quiesceLimit: `nil`: two minutes, or as long as `pre` and then the cut may take.
    public init(
        document: HookDocument, parameters: [String: String] = [:], timeout: Duration = .seconds(10),
        retries: Int = 0, onFailure: OnFailure = .crashConsistent, quiesceLimit: Duration? = nil
    ) {
        self.document = document
        self.parameters = parameters
        self.timeout = timeout
        self.retries = retries
        self.onFailure = onFailure
        self.quiesceLimit = quiesceLimit ?? max(.seconds(120), timeout + .seconds(30))
    }

    /// What a set will mean whose hooks succeed, when it means `consistency` without them.
    func promise(over consistency: Consistency) -> Consistency {
        consistency == .filesystem || document.coversRawVolumes ? .application : consistency
    }
}

/// What runs a hook document's steps. Whatever becomes of the engine, what was brought to rest is let go.
public protocol Quiescing: Sendable {
    /// Runs `pre` and `hold`. When the report says that it is not quiesced, `post` was run already; or nothing was
    /// begun.
    func quiesce(attempt: Int) async -> HookReport
    /// Ends `hold` and runs `post`.
    func release(consistency: Consistency?) async -> HookReport
    /// Ends what runs them.
    func end() async
}

extension HookSession: Quiescing {}

/// The applications of one set, from before its cut until after it.
struct Applications {
    /// Thaws what the document left frozen, and returns its names.
    ///
    /// - Parameter postFailed: not all that `post` had to do was done.
    typealias Thaw = @Sendable (_ postFailed: Bool) async -> [String]
    /// Keeps LVM's commands away from what the document will freeze.
    typealias Lock = @Sendable () async throws -> Void
    /// Finds out which file systems of the plan are frozen, by index.
    typealias Probe = @Sendable () async throws -> [Int]
    /// Waits until the locks are to be asked for again. Throws when its task is cancelled.
    typealias Pause = @Sendable () async throws -> Void

    private let request: HookRequest
    private let session: any Quiescing
    private let lock: Lock
    private let thaw: Thaw
    private let probe: Probe
    private let pause: Pause
    private var isQuiesced = false
    /// By index of ``CutPlan/fileSystems``, what the document froze.
    private var frozen: [Int] = []
    /// What every step did.
    private(set) var results: [HookResult] = []
    /// Why the set is not application-consistent.
    private(set) var problem: String?
    /// `post` did not do all of its work, or `hold` did not end as it should.
    private(set) var releaseFailed = false
    /// They were let go before the cut was over.
    private var hasFired = false
    /// What could not be let go as it should: a sentence each, and what the program said last.
    private(set) var failedReleases: [String] = []
    /// What the program said last of which ``problem`` tells.
    private var lastWords: String?
    /// A step failed that the document says not to care for; told when nothing stands any more.
    private var toldLater: String?

    init(
        _ request: HookRequest, _ session: any Quiescing, lock: @escaping Lock, thaw: @escaping Thaw,
        probe: @escaping Probe = { [] }, pause: @escaping Pause = { try await Task.sleep(for: .seconds(30)) }
    ) {
        self.request = request
        self.session = session
        self.lock = lock
        self.thaw = thaw
        self.probe = probe
        self.pause = pause
    }

    /// Brings them to rest, in as many attempts as are allowed.
    ///
    /// - Parameter isRequired: no set is wanted without it.
    /// - Throws: ``SnapshotError/Code/hook`` when the set is to be skipped.
    mutating func quiesce(isRequired: Bool, _ progress: any Progress) async throws {
        for attempt in 1...(request.retries + 1) {
            progress.step("bringing applications to rest")
            try await lock()
            let report = await whileLocked { [session] in await session.quiesce(attempt: attempt) }
            results += report.steps
            isQuiesced = report.isQuiesced
            if isQuiesced {
                // What ends by itself before the cut is seen there.
                if request.document.mayFreeze { frozen = try await probe() }
                if !releaseFailed {
                    (problem, lastWords) = (nil, nil)
                } else if let failure = failedReleases.first {
                    // What an earlier attempt could not let go may not be as it should be now, whatever `pre` says.
                    (problem, lastWords) = (named(failure), nil)
                }
                if !report.isClean { note(report) }
                toldLater = problem
                if request.document.pre.isEmpty, request.document.hold == nil {
                    problem =
                        "hook document \(request.document.name) brings nothing to rest: it has neither pre nor hold"
                }
                return
            }
            note(report)
            // `post` was run, after a stage that failed.
            if report.hasFired { releaseFailed = true }
            if report.hasBegun { await note(report, of: [.post]) }
            try Task.checkCancellation()
        }
        if request.onFailure == .skip || isRequired {
            throw SnapshotError(.hook, "no set was taken: " + (problem ?? "its hooks failed"), causes: otherCauses)
        }
        warn(progress, problem ?? "its hooks failed")
    }

    /// Takes note of the file systems that stood still in the cut by the guard's hand: what the document had frozen was
    /// thawed before, and written to.
    mutating func note(_ times: CutTimes, of plan: CutPlan) {
        let lost = plan.fileSystems.indices.filter { index in
            times.fileSystemMs[index] != nil && frozen.contains(index)
        }
        guard !lost.isEmpty else { return }
        releaseFailed = true
        problem =
            problem
            ?? named("its freeze of \(list(lost.map { plan.fileSystems[$0].label })) was over before the cut")
    }

    /// Lets them go. Does nothing when they are not at rest.
    mutating func release(_ consistency: Consistency?) async {
        guard isQuiesced else { return }
        isQuiesced = false
        let consistency = problem == nil ? consistency : nil
        let report = await whileLocked { [session] in await session.release(consistency: consistency) }
        results += report.steps
        hasFired = report.hasFired
        if hasFired { problem = problem ?? "applications were let go before the cut was over" }
        if !report.isClean || hasFired || report.holdWasLost {
            releaseFailed = true
            problem = problem ?? sentence(of: report)
        }
        await note(report, of: [.hold, .post])
    }

    /// Takes note of what could not be let go, and thaws what was left frozen before anything else is done.
    private mutating func note(_ report: HookReport, of stages: [HookStage]) async {
        let failed = report.steps.filter { stages.contains($0.stage) && $0.status != .succeeded }
        var failures = failed.flatMap { [$0.sentence] + [$0.lastWords].compactMap(\.self) }
        let count = request.document.post.count
        if failures.isEmpty, !report.didRelease(count) { failures.append("post was not run as a whole") }
        let left = report.thawed + (await thaw(report.postFailed(count)))
        if !left.isEmpty {
            let sentence = LeftFrozen.sentence(request.document.name, left)
            problem = problem ?? sentence
            failures.append(sentence)
        }
        if !failures.isEmpty { releaseFailed = true }
        for failure in failures where !failedReleases.contains(failure) { failedReleases.append(failure) }
    }

    var failsafe: SnapshotError.Failsafe? { hasFired ? .hooks : nil }

    /// What there is to be said beside ``problem``.
    var otherCauses: [String] {
        let words = [lastWords].compactMap(\.self)
        return words + failedReleases.filter { problem?.hasSuffix($0) != true && !words.contains($0) }
    }

    /// What to do when the cut found a file system frozen that nobody had frozen before; `nil`: it failed otherwise.
    func remedy(for failure: SnapshotError) -> String? {
        // What the guard says, without a name.
        let words = GuardFailure(.foreignFreeze, "").description
        guard !request.document.mayFreeze, failure.message.contains(words) else { return nil }
        let name = "hook document \(request.document.name)"
        switch request.document.format {
        case .directory, .freezeHooks:
            return "\(name) is a directory of programs, which cannot say that they freeze: if one froze it, run them"
                + " from a YAML document with `mayFreeze: true`"
        case .stillpoint, .ssm: return "if \(name) froze it, it has to say `mayFreeze: true`"
        }
    }

    /// All that went wrong, nothing twice.
    var causes: [String] { (problem.map { [$0] } ?? []) + otherCauses }

    /// Tells what could not be told while something stood.
    mutating func warnLate(_ progress: any Progress) {
        if let toldLater { warn(progress, toldLater) }
        toldLater = nil
    }

    private func warn(_ progress: any Progress, _ problem: String) {
        progress.warn(
            "the set will not be application-consistent: " + problem + (lastWords.map { "; it said: " + $0 } ?? ""))
    }

    /// To be called when nothing more is asked of them.
    func end() async { await session.end() }

    /// Takes note of the step for which applications were not brought to rest.
    private mutating func note(_ report: HookReport) {
        problem = sentence(of: report)
        lastWords = report.steps.failure?.lastWords
    }

    private func sentence(of report: HookReport) -> String {
        named(report.steps.failure?.sentence ?? "its supervisor died")
    }

    /// - Parameter failure: one that may name its document already.
    private func named(_ failure: String) -> String {
        let document = "hook document \(request.document.name)"
        return failure.hasPrefix(document) ? failure : document + ": " + failure
    }

    /// Waits for what a document does that freezes. Meanwhile LVM's locks are asked for again and again: the guard gives
    /// them up for an engine that says nothing. Nobody else asks the guard for anything until this returns.
    private func whileLocked(_ work: @Sendable () async -> HookReport) async -> HookReport {
        guard request.document.mayFreeze else { return await work() }
        // A task of its own, and no child: `post` is waited for with the locks when the run is cancelled, too.
        let renewal = Task { [lock, pause] in
            while (try? await pause()) != nil { try? await lock() }
        }
        let report = await work()
        renewal.cancel()
        await renewal.value
        return report
    }
}

extension Engine {
    public func rehearse(_ request: HookRequest) async throws -> [HookResult] {
        let lock = try RunLock(runDirectory)
        defer { lock.release() }
        let id = SetName.drawID()
        var plan = HookPlan(
            request.document, run: id,
            environment: HookEnvironment(setID: id, setName: "rehearsal", parameters: request.parameters),
            stageLimit: request.timeout, quiesceLimit: request.quiesceLimit)
        do {
            // Whoever runs `pre` alone wants what it freezes to stand until they run `post`.
            if request.document.mayFreeze, !request.document.post.isEmpty {
                plan.mayLeaveFrozen = try await leavings(id)
            }
            let session = try await storage.hooks(plan)
            var steps: [HookResult] = []
            let report = await session.quiesce(attempt: 1)
            steps += report.steps
            var last = report
            if report.isQuiesced {
                last = await session.release(consistency: nil)
                steps += last.steps
            }
            let postFailed = last.postFailed(request.document.post.count)
            var left = last.thawed
            // Else what somebody froze meanwhile is not the document's.
            if let frozen = plan.mayLeaveFrozen, last.hasBegun {
                left += storage.thaw(frozen, postFailed: postFailed, isLocked: false)
            }
            await session.end()
            guard left.isEmpty else {
                throw SnapshotError(
                    .applications, LeftFrozen.sentence(request.document.name, left),
                    causes: steps.filter { $0.status != .succeeded }.map(\.sentence))
            }
            if steps.failure == nil, let problem = problem(with: request.document, last, steps) { throw problem }
            return steps
        } catch {
            throw error.asSnapshotError
        }
    }

    /// What went wrong with a document none of whose steps failed; `nil`: nothing.
    private func problem(with document: HookDocument, _ last: HookReport, _ steps: [HookResult]) -> SnapshotError? {
        guard !last.isClean || last.hasFired else { return nil }
        var causes = steps.map(\.sentence)
        if last.hasBegun, !last.didRelease(document.post.count) { causes.append("post was not run as a whole") }
        guard !Task.isCancelled else { return SnapshotError(.failed, "the run was interrupted", causes: causes) }
        let what = last.isClean ? "its time was over before post was asked for" : "its supervisor died"
        return SnapshotError(.hook, "hook document \(document.name): \(what)", causes: causes)
    }

    /// The file systems of this host, each of which a document could freeze, when there is no set.
    private func leavings(_ run: String) async throws -> LeftFrozen {
        // What somebody else has frozen must not be thawed for it, and LVM would wait for it.
        let frozen = try await storage.manualFreezes()
        guard frozen.isEmpty else { throw SnapshotError.frozenByHand(frozen) }
        let left = try await storage.leftStanding()
        guard left.isEmpty else { throw SnapshotError.mayStandStill(left) }
        let survey = try await storage.survey()
        var nothing = CutPlan(run: run, fileSystems: [], parts: [], volumeGroups: [], locking: survey.locking)
        nothing.otherGroups = survey.groups.keys.sorted()
        return try storage.freezable(nothing)
    }
}
