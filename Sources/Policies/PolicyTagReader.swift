import Documents
import Lifecycle
import SetModel

/// Reads which tags the sets of a schedule get. What no set can have is refused here, where somebody writes it: LVM
/// would refuse the whole set, at night.
struct PolicyTagReader {
    /// The schedule's.
    let fields: DocumentFields

    func tags() throws(DocumentError) -> PolicyTags {
        var tags = PolicyTags()
        if let node = fields["copyTags"] {
            tags.copied = try node.isScalar ? (node.flag() ? ["*"] : []) : node.texts()
        }
        if let node = fields["tagsToAdd"] { tags.added = try texts(node, hasVariables: false) }
        if let node = fields["variableTags"] { tags.variable = try texts(node, hasVariables: true) }
        guard tags.names.count <= SetTag.most else {
            throw (fields["variableTags"] ?? fields["tagsToAdd"] ?? fields.node).error(
                "the schedule has \(tags.names.count) tags; a set has at most \(SetTag.most)")
        }
        return tags
    }

    private func texts(_ node: DocumentNode, hasVariables: Bool) throws(DocumentError) -> [String: String] {
        var texts: [String: String] = [:]
        for (key, keyNode, value) in try node.pairs() {
            let text = try value.text()
            if hasVariables { try checkVariables(text, value) }
            if let problem = SetTag.problem(key, hasVariables ? TagVariable.longest(text) : text) {
                throw keyNode.error("\(key.prefix(64).debugDescription) cannot be a tag: \(problem)")
            }
            texts[key] = text
        }
        return texts
    }

    private func checkVariables(_ text: String, _ node: DocumentNode) throws(DocumentError) {
        let known = TagVariable.allCases.map(\.rawValue)
        for name in TagVariable.names(in: text) where !known.contains(name) {
            let hint =
                Nearest.word(to: name, in: known).map { "did you mean $(\($0))?" }
                ?? "known are " + known.joined(separator: ", ")
            throw node.error("$(\(name)) stands for nothing; " + hint)
        }
    }
}

/// What `$(...)` may name in a value of `variableTags`; `run` puts in what it stands for.
enum TagVariable: String, CaseIterable {
    case timestamp, host
    /// DLM's word for the host.
    case instanceID = "instance-id"
    case policy, schedule

    /// Names in `$(...)`, known or not.
    static func names(in text: String) -> [String] {
        var names: [String] = []
        var rest = text[...]
        while let start = rest.firstRange(of: "$(") {
            rest = rest[start.upperBound...]
            guard let end = rest.firstIndex(of: ")") else { break }
            names.append(String(rest[..<end]))
            rest = rest[end...].dropFirst()
        }
        return names
    }

    /// As long as the text can become.
    static func longest(_ text: String) -> String {
        allCases.reduce(text) { text, variable in
            // Names of hosts, policies and schedules have at most 64 bytes (gethostname(2), `PlainName`).
            text.replacing(
                "$(\(variable.rawValue))",
                with: variable == .timestamp ? "2026-11-23T05:17:11Z" : String(repeating: "x", count: 64))
        }
    }
}

extension PolicyTags {
    /// The keys of all tags that a set gets of it, but for copied ones.
    var names: Set<String> { Set(added.keys).union(variable.keys) }
}
