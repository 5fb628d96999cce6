import ArgumentParser
import Hooks
import Lifecycle
import SetModel
import Snapshots

/// The flags that say how a document is used, in all commands that use one.
struct HookUse: ParsableArguments {
    @Option(
        name: .customLong("hook-param"),
        help: ArgumentHelp("A parameter of the document; may be repeated.", valueName: "key=value"))
    var parameters: [String] = []

    @Option(
        name: .customLong("hook-sha256"),
        help: ArgumentHelp(
            "Use the document only if this is its SHA-256, as `stillpoint hooks show` prints it.", valueName: "digest"))
    var sha256: String?

    @Option(
        help: ArgumentHelp(
            "How long the steps before the cut may take, and those after it. (default: 10s)", valueName: "duration"),
        transform: DurationArgument.hookTimeout)
    var hookTimeout: Duration?

    @Option(
        help: ArgumentHelp(
            "The longest time that applications may be at rest. (default: 2m, or 30s more than --hook-timeout)",
            valueName: "duration"),
        transform: DurationArgument.hookTimeout)
    var maxQuiesce: Duration?

    var isGiven: Bool { !parameters.isEmpty || sha256 != nil || hookTimeout != nil || maxQuiesce != nil }

    /// What can be found out without the document.
    func check() throws {
        try HookParameters.check(parameters)
        if let sha256, DigestText.sha256(sha256) == nil {
            throw ValidationError("--hook-sha256 \(sha256) is no SHA-256: it has 64 hexadecimal digits.")
        }
        if let hookTimeout, let maxQuiesce, maxQuiesce < hookTimeout {
            throw ValidationError(
                "--max-quiesce is shorter than --hook-timeout: the steps before the cut would be cut off.")
        }
    }

    func request(_ document: HookDocument, _ values: [String: String]) -> HookRequest {
        HookRequest(
            document: document, parameters: values, timeout: hookTimeout ?? .seconds(10), quiesceLimit: maxQuiesce)
    }

    func document(_ name: String, in library: HookLibrary) throws -> (HookDocument, values: [String: String]) {
        let values: [String: String]
        do { values = try HookParameters.parse(parameters) } catch {
            throw SnapshotError(.usage, String(describing: error))
        }
        return try Self.document(
            name, in: library, pinned: sha256.flatMap(DigestText.sha256), parameters: values)
    }

    /// As a schedule of a policy says.
    static func document(
        _ scripts: PolicyScripts, in library: HookLibrary
    ) throws -> (HookDocument, values: [String: String]) {
        var parameters: [String: String] = [:]
        for (key, value) in scripts.parameters {
            do { parameters[key] = try HookParameters.value(value[...], of: place(of: key)) } catch {
                throw SnapshotError(.refused, String(describing: error))
            }
        }
        var found = try document(scripts.document, in: library, pinned: scripts.sha256, parameters: parameters) {
            "write it into the policy's file, as \(place(of: $0))"
        }
        if !scripts.stages.contains(.pre) {
            (found.0.pre, found.0.hold) = ([], nil)
        }
        // Whatever the stages are: nobody else would let go what `pre` brings to rest.
        return found
    }

    /// The key of a schedule that gives a parameter.
    private static func place(of parameter: String) -> String { "scripts.parameters.\(parameter)" }

    /// - Parameters:
    ///   - pinned: the only SHA-256 that is accepted, in lower case; `nil`: any.
    ///   - remedy: see ``HookDocumentLoading/values(_:for:remedy:)``.
    static func document(
        _ name: String, in library: HookLibrary, pinned: String?, parameters: [String: String],
        remedy: (String) -> String = HookDocumentLoading.flag
    ) throws -> (HookDocument, values: [String: String]) {
        let document = try HookDocumentLoading.document(name, in: library)
        if let pinned, pinned != document.sha256 {
            throw SnapshotError(
                .refused,
                "\(document.file) is not the document that is pinned: its SHA-256 is \(document.sha256); see what"
                    + " changed before you pin that")
        }
        return (document, try HookDocumentLoading.values(parameters, for: document, remedy: remedy))
    }
}
