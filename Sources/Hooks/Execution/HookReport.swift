public import SetModel

/// What came of a stage, or of an attempt.
public struct HookReport: Sendable, Equatable, Codable {
    /// In the order in which they ended.
    public var steps: [HookResult]
    /// Applications are at rest, and the caller has to ask for `post`.
    public var isQuiesced: Bool
    /// Every step succeeded, also those whose failure does not count.
    public var isClean: Bool
    /// The time that applications may be at rest was over before the caller asked for `post`: it was run then.
    public var hasFired: Bool
    /// The `hold` step ended before the caller asked for `post`.
    public var holdWasLost: Bool
    /// By name, what the document left frozen and was thawed when its time was over.
    public var thawed: [String]

    public init(
        steps: [HookResult] = [], isQuiesced: Bool = false, isClean: Bool = true, hasFired: Bool = false,
        holdWasLost: Bool = false, thawed: [String] = []
    ) {
        self.steps = steps
        self.isQuiesced = isQuiesced
        self.isClean = isClean
        self.hasFired = hasFired
        self.holdWasLost = holdWasLost
        self.thawed = thawed
    }

    /// Whether anything may have been run: else there is nothing to be let go.
    public var hasBegun: Bool { isQuiesced || hasFired || !steps.isEmpty }

    /// Whether every step of `post` was run, and succeeded.
    ///
    /// - Parameter count: how many steps `post` has.
    public func didRelease(_ count: Int) -> Bool {
        steps.count { $0.stage == .post && $0.status == .succeeded } == count
    }

    /// Whether what the document froze anywhere may have stayed so: `post` did not do all of its work, or there is none.
    ///
    /// - Parameter count: how many steps `post` has.
    public func postFailed(_ count: Int) -> Bool { count == 0 || !didRelease(count) }
}

extension HookResult {
    /// The program's own last words: its last line on standard error, else on standard output, and no more of it than
    /// fits into a message.
    public var lastWords: String? {
        for text in [errors, output] {
            for line in text.split(whereSeparator: \.isNewline).reversed() {
                if line.contains(where: { !$0.isWhitespace }) { return String(line.prefix(200)) }
            }
        }
        return nil
    }
}

/// The exit codes that Amazon DLM gives a meaning.
enum ExitCodeMeaning {
    static func of(_ code: Int32) -> String? {
        switch code {
        case 201: "the pre-script failed"
        case 202: "the post-script failed"
        case 203: "it was thawed before the post-script ran"
        case 204: "it was at rest already when the pre-script ran"
        case 205: "it was thawed already when the post-script ran"
        case 206: "the application is not ready"
        case 126: "the program cannot be executed"
        case 127: "a program was not found"
        default: nil
        }
    }
}
