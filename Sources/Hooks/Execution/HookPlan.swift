/// A document as it is run: what the supervisor is told, and what it leaves for whoever has to go on with it.
public struct HookPlan: Sendable, Equatable, Codable {
    /// The set's id.
    public var run: String
    public var document: String
    /// With all parameters in place.
    public var pre: [HookStep]
    public var hold: HookStep?
    public var post: [HookStep]
    public var environment: HookEnvironment
    /// For `pre` with the wait for `hold`, and for `post`, each.
    public var stageLimitMs: Int64
    /// From the beginning of `pre` to the beginning of `post`.
    public var quiesceLimitMs: Int64
    /// Texts that are masked in all output.
    public var secrets: [String]
    /// `recover` runs `post` after a power cut.
    public var runsPostAfterPowerCut: Bool
    /// A second record, on a disk; for ``runsPostAfterPowerCut``.
    public var lastingRecord: String?
    /// What its steps may freeze; `nil`: nothing.
    public var mayLeaveFrozen: LeftFrozen?
    /// The longest time that a supervisor in order takes for an answer: every step its whole limit, and some more.
    var answerLimitMs: Int64 { stageLimitMs * Int64(post.count + 2) + 120_000 }

    public init(
        _ document: HookDocument, run: String, environment: HookEnvironment, stageLimit: Duration,
        quiesceLimit: Duration
    ) {
        self.run = run
        self.document = document.name
        let values = environment.parameters
        pre = document.pre.map { $0.substituting(values) }
        hold = document.hold?.substituting(values)
        post = document.post.map { $0.substituting(values) }
        self.environment = environment
        self.environment.quiesceLimitMs = quiesceLimit.milliseconds
        stageLimitMs = stageLimit.milliseconds
        quiesceLimitMs = quiesceLimit.milliseconds
        runsPostAfterPowerCut = document.runsPostAfterPowerCut
        secrets = document.parameters.filter(\.isSecret).compactMap { values[$0.name] }.filter { !$0.isEmpty }
    }
}

extension Duration {
    var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
