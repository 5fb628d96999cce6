import ArgumentParser
import Hooks
import SetModel
import Snapshots
import SystemPackage

/// The flags that say which hooks a set has.
struct HookOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Bring applications to rest with this hook document of /etc/stillpoint/hooks.d.", valueName: "name"))
    var hooks: String?

    @Option(
        name: .customLong("hook-param"),
        help: ArgumentHelp("A parameter of the document; may be repeated.", valueName: "key=value"))
    var parameters: [String] = []

    @Option(
        help: ArgumentHelp(
            "How long the steps before the cut may take, and those after it. (default: 10s)", valueName: "duration"),
        transform: DurationArgument.hookTimeout)
    var hookTimeout: Duration?

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

    @Option(
        help: ArgumentHelp("The longest time that applications may be at rest. (default: 2m)", valueName: "duration"),
        transform: DurationArgument.hookTimeout)
    var maxQuiesce: Duration?

    /// What can be found out without the document.
    func check() throws {
        if let hookRetries, !(0...3).contains(hookRetries) {
            throw ValidationError("--hook-retries has to lie between 0 and 3.")
        }
        let needsDocument =
            !parameters.isEmpty || hookTimeout != nil || hookRetries != nil || onHookFailure != nil || maxQuiesce != nil
        if hooks == nil, needsDocument {
            throw ValidationError("There is no hook document that this could be for: name one with --hooks.")
        }
        _ = try HookParameters.parse(parameters)
    }

    func request(_ folder: HookLibrary, progress: any Progress) throws -> HookRequest? {
        guard let hooks else { return nil }
        let document = try HookDocumentLoading.document(hooks, in: folder)
        var request = HookRequest(
            document: document,
            parameters: try HookDocumentLoading.values(try HookParameters.parse(parameters), for: document))
        if let hookTimeout {
            request.timeout = hookTimeout
            if !(Duration.seconds(10)...Duration.seconds(120)).contains(hookTimeout) {
                progress.warn("--hook-timeout lies outside the 10s to 120s of Amazon DLM")
            }
        }
        if let hookRetries { request.retries = hookRetries }
        if let onHookFailure { request.onFailure = onHookFailure }
        if let maxQuiesce { request.quiesceLimit = maxQuiesce }
        return request
    }
}

/// `K=V` words, or `K=@FILE` for what `ps` must not show; `K=@@V` for a value that begins with `@`.
enum HookParameters {
    static func parse(_ words: [String]) throws -> [String: String] {
        var values: [String: String] = [:]
        for word in words {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty else {
                throw ValidationError("--hook-param \(word) is no KEY=VALUE.")
            }
            let value = try value(parts[1], of: parts[0])
            guard values.updateValue(value, forKey: String(parts[0])) == nil else {
                throw ValidationError("--hook-param \(parts[0]) is given twice.")
            }
        }
        return values
    }

    /// The content of the file, without the newline at its end.
    private static func value(_ text: Substring, of key: Substring) throws -> String {
        guard text.hasPrefix("@") else { return String(text) }
        let rest = text.dropFirst()
        if rest.hasPrefix("@") { return String(rest) }
        do {
            let file = try FileDescriptor.open(
                FilePath(String(rest)), .readOnly, options: [.closeOnExec, .nonBlocking])
            defer { try? file.close() }
            var buffer = [UInt8](repeating: 0, count: longestValue + 1)
            let count = try buffer.withUnsafeMutableBytes { try file.read(into: $0) }
            let bytes = buffer[..<count]
            guard bytes.count <= longestValue else {
                throw ValidationError("--hook-param \(key): \(rest) has more than \(longestValue) bytes.")
            }
            let content = String(decoding: bytes, as: UTF8.self)
            return content.hasSuffix("\n") ? String(content.dropLast()) : content
        } catch let error as Errno {
            throw ValidationError("--hook-param \(key): \(rest) cannot be read: \(error).")
        }
    }

    private static let longestValue = 65_536
}

/// Documents, with their errors in the one form.
enum HookDocumentLoading {
    static func document(_ name: String, in folder: HookLibrary) throws -> HookDocument {
        do { return try folder.document(named: name) } catch {
            switch error {
            case HookFolderError.badName, HookFolderError.missing:
                throw SnapshotError(.usage, String(describing: error))
            default: throw SnapshotError(.refused, String(describing: error))
            }
        }
    }

    static func names(in folder: HookLibrary) throws -> [String] {
        do { return try folder.names() } catch { throw SnapshotError(.refused, String(describing: error)) }
    }

    static func values(_ given: [String: String], for document: HookDocument) throws -> [String: String] {
        do { return try document.values(given) } catch {
            throw SnapshotError(.usage, "\(document.name): \(error)")
        }
    }
}
