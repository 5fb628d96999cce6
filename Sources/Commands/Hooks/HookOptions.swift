import ArgumentParser
import Hooks
import SetModel
import Snapshots

/// The flags that say which hooks a set has.
struct HookOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Bring applications to rest with this hook document of /etc/stillpoint/hooks.d.", valueName: "name"))
    var hooks: String?

    @OptionGroup var use: HookUse

    @Option(
        help: ArgumentHelp("How often a failed attempt is repeated, 0 to 3. (default: 0)", valueName: "count"))
    var hookRetries: Int?

    @Option(
        help: ArgumentHelp(
            "When hooks fail: take the set all the same, or skip it. (default: crash-consistent)",
            valueName: HookRequest.OnFailure.allCases.map(\.rawValue).joined(separator: "|")),
        completion: .list(HookRequest.OnFailure.allCases.map(\.rawValue)),
        transform: { text in
            guard let choice = HookRequest.OnFailure(rawValue: text) else {
                throw ValidationError("It is crash-consistent or skip.")
            }
            return choice
        })
    var onHookFailure: HookRequest.OnFailure?

    /// What can be found out without the document.
    func check() throws {
        if let hookRetries, !(0...3).contains(hookRetries) {
            throw ValidationError("--hook-retries has to lie between 0 and 3.")
        }
        let needsDocument =
            use.isGiven || hookRetries != nil || onHookFailure != nil
        if hooks == nil, needsDocument {
            throw ValidationError("There is no hook document that this could be for: name one with --hooks.")
        }
        try use.check()
    }

    func request(_ library: HookLibrary, progress: any Progress) throws -> HookRequest? {
        guard let hooks else { return nil }
        let (document, values) = try use.document(hooks, in: library)
        var request = use.request(document, values)
        if let hookTimeout = use.hookTimeout,
            !(Duration.seconds(10)...Duration.seconds(120)).contains(hookTimeout)
        {
            progress.warn("--hook-timeout lies outside the 10s to 120s of Amazon DLM")
        }
        if let hookRetries { request.retries = hookRetries }
        if let onHookFailure { request.onFailure = onHookFailure }
        return request
    }
}
