/// How often something happened to a policy, since its memory began: Amazon DLM's counters, and what it does not count.
public struct PolicyCounters: Sendable, Codable, Equatable {
    /// Something that is begun, and then completes or fails.
    public struct Attempts: Sendable, Codable, Equatable {
        public var started = 0
        public var completed = 0
        public var failed = 0

        public init() {}

        public init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            started = try values.decodeIfPresent(Int.self, forKey: .started) ?? 0
            completed = try values.decodeIfPresent(Int.self, forKey: .completed) ?? 0
            failed = try values.decodeIfPresent(Int.self, forKey: .failed) ?? 0
        }

        private enum CodingKeys: String, CodingKey { case started, completed, failed }

        /// One more of each, as it ended.
        public mutating func count(_ times: Int = 1, succeeded: Bool) {
            started += times
            if succeeded { completed += times } else { failed += times }
        }
    }

    /// Volumes of the sets that were begun: DLM's ResourcesTargeted.
    public var resourcesTargeted = 0
    /// Sets. As in DLM, a set that is tried again is started once, and fails each time.
    public var creations = Attempts()
    /// Sets that rules let go, also out of the trash.
    public var deletions = Attempts()
    /// Attempts of `pre` and `hold` of a hook document. As in DLM, each retry counts.
    public var preScripts = Attempts()
    public var postScripts = Attempts()
    /// Runs for which nothing was taken at their time.
    public var missedRuns = 0
    /// The guard, or the supervisor of hooks, let go of what stood, since it took too long.
    public var failsafeFirings = 0

    public init() {}

    /// What is not there is 0: also journals of earlier versions can be read.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        resourcesTargeted = try values.decodeIfPresent(Int.self, forKey: .resourcesTargeted) ?? 0
        creations = try values.decodeIfPresent(Attempts.self, forKey: .creations) ?? Attempts()
        deletions = try values.decodeIfPresent(Attempts.self, forKey: .deletions) ?? Attempts()
        preScripts = try values.decodeIfPresent(Attempts.self, forKey: .preScripts) ?? Attempts()
        postScripts = try values.decodeIfPresent(Attempts.self, forKey: .postScripts) ?? Attempts()
        missedRuns = try values.decodeIfPresent(Int.self, forKey: .missedRuns) ?? 0
        failsafeFirings = try values.decodeIfPresent(Int.self, forKey: .failsafeFirings) ?? 0
    }

    private enum CodingKeys: String, CodingKey {
        case resourcesTargeted, creations, deletions, preScripts, postScripts, missedRuns, failsafeFirings
    }
}
