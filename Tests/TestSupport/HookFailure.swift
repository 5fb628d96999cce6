/// A step that goes wrong, or seems to, and what becomes of the set: the table in DESIGN.md, "Hooks".
public struct HookFailure: Sendable, CustomStringConvertible {
    /// Where in a document it happens.
    public enum Place: String, Sendable, CaseIterable {
        case pre
        /// Before READY.
        case hold
        /// `hold`, after it was told to end.
        case end
        case post
    }

    /// What happens there.
    public enum Kind: String, Sendable, CaseIterable {
        case exit1, exit201, exit202, exit203, exit204, exit205, exit206
        case hang, deaf, kill, child, daemon, output, closed, deleted
    }

    /// What it means for the attempt.
    public enum Meaning: Sendable {
        /// Nothing.
        case none
        /// Applications were not brought to rest.
        case failsBefore
        /// They were, but could not be let go as they should.
        case failsAfter
    }

    public var place: Place
    public var kind: Kind
    /// `post` fails, too.
    public var failsInPostToo = false
    public var description: String { "\(kind) in \(place)" + (failsInPostToo ? " and post" : "") }

    public static let all =
        Place.allCases.flatMap { place in Kind.allCases.map { HookFailure(place: place, kind: $0) } }
        + [Place.pre, .hold].map { HookFailure(place: $0, kind: .exit201, failsInPostToo: true) }

    private var hangs: Bool { [.hang, .deaf].contains(kind) }
    /// It waits for a time limit, or prints 100 MB.
    public var isSlow: Bool { hangs || kind == .output }
    /// Something is in the background that only the end of the hooks ends; what `post` starts stays.
    public var leavesProcess: Bool { [.child, .daemon].contains(kind) }

    public var meaning: Meaning {
        switch kind {
        case .child, .daemon, .output, .deleted: return .none
        // Nobody can hear READY then.
        case .closed: return place == .hold ? .failsBefore : .none
        default: return [.pre, .hold].contains(place) ? .failsBefore : .failsAfter
        }
    }

    /// The document.
    ///
    /// - Parameters:
    ///   - directory: for the files `log`, to which each step writes its name, and `program`, a step that deletes itself.
    ///   - marker: seconds that nothing else sleeps: processes are known by them.
    public func document(directory: String, marker: Int) -> String {
        let log = "\(directory)/log"
        func step(_ id: String, _ own: Place, before: String = "", after: String = "") -> String {
            let happens = place == own
            let text = "echo \(id) >>\(log)\n\(before)\(happens ? script(directory, marker) : ":")\n\(after)"
            let limit = happens && hangs ? ", timeout: 1s" : ""
            return "{id: \(id), shell: \(quoted(text))\(limit)}"
        }
        let holds = [.hold, .end].contains(place)
        let ready = "echo READY\n"
        let hold =
            place == .hold
            ? step("held", .hold, after: ready + "read end") : step("held", .end, before: ready + "read end\n")
        return """
            pre: [\(step("rest", .pre))]
            \(holds ? "hold: \(hold)" : "")
            post: [\(step("run", .post, after: failsInPostToo ? "exit 202" : ""))]

            """
    }

    private func script(_ directory: String, _ marker: Int) -> String {
        switch kind {
        case .hang: "exec sleep \(marker)"
        case .deaf: "trap '' TERM HUP INT; while :; do sleep \(marker); done"
        case .kill: "kill -KILL $$"
        case .child: "sleep \(marker) &"
        case .daemon: "(setsid sh -c 'exec sleep \(marker)' &)"
        case .output: "head -c 100000000 /dev/zero | tr '\\0' x; echo"
        case .closed: "exec >&- 2>&-"
        case .deleted:
            "printf '#!/bin/sh\\nrm \"$0\"\\n' >\(directory)/program; chmod +x \(directory)/program; \(directory)/program"
        default: "exit \(kind.rawValue.dropFirst(4))"
        }
    }

    private func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n") + "\""
    }
}

/// How a set is asked for.
public struct HookTrial: Sendable, CustomStringConvertible {
    public enum Setting: String, Sendable, CaseIterable { case crashConsistent = "crash-consistent", skip, required }

    public var failure: HookFailure
    public var retries: Int
    public var setting: Setting

    public var description: String { "\(failure), \(retries) retries, \(setting.rawValue)" }

    /// Everything: each failure with 0 and 2 retries and all settings.
    public static let all = HookFailure.all.flatMap { failure in
        [0, 2].flatMap { retries in
            Setting.allCases.map { HookTrial(failure: failure, retries: retries, setting: $0) }
        }
    }

    /// The flags of `create`.
    public var words: [String] {
        let words = ["--hook-retries", "\(retries)", "--hook-timeout", "2m", "--max-quiesce", "10m"]
        switch setting {
        case .crashConsistent: return words
        case .skip: return words + ["--on-hook-failure", "skip"]
        case .required: return words + ["--require", "application"]
        }
    }

    /// The exit code.
    public var code: Int32 {
        switch failure.meaning {
        case .none: 0
        case .failsBefore: setting != .crashConsistent ? 6 : failure.failsInPostToo ? 3 : 0
        case .failsAfter: setting == .required ? 6 : 3
        }
    }

    /// The set's consistency; `nil`: there is none.
    public var consistency: String? {
        switch failure.meaning {
        case .none: "application"
        case .failsBefore: setting == .crashConsistent ? "filesystem" : nil
        case .failsAfter: setting == .required ? nil : "filesystem"
        }
    }

    /// How often `post` runs: once for each attempt.
    public var posts: Int { failure.meaning == .failsBefore ? retries + 1 : 1 }
}
