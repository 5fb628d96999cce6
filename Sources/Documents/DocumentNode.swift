import SetModel
public import SystemPackage
import Yams

/// A value of a YAML (or JSON) file that knows where it stands, so that every error names file, line and key.
public struct DocumentNode: Sendable {
    /// The file.
    public let file: FilePath
    /// What it belongs to, for errors: `step checkpoint`.
    public var subject: String { didSet { key = "" } }
    /// Whose value it is, from its subject on: `retain.daily`. Of what is in a list, the list's.
    private var key: String
    nonisolated(unsafe) private let node: Node

    private init(_ node: Node, _ file: FilePath, _ subject: String, _ key: String) {
        self.node = node
        self.file = file
        self.subject = subject
        self.key = key
    }

    /// Reads the one document of a file. It has no anchors and aliases.
    public init(parsing text: String, file: FilePath) throws(DocumentError) {
        let root: Node?
        // What JSON escapes in two, YAML does not know.
        let text = file.extension == "json" ? SurrogateEscapes(in: text).joined : text
        do {
            // What the copy fails for is the error: the text itself could be one that takes for ever.
            if let copy = AliasProbe.copy(of: text) { _ = try Yams.compose(yaml: copy) }
            root = try Yams.compose(yaml: text)
        } catch {
            throw Self.failure(error, in: text, file)
        }
        guard let root else { throw DocumentError(file, "the file is empty") }
        self.init(root, file, "", "")
    }

    /// An error about this value.
    public func error(_ message: String) -> DocumentError {
        DocumentError(
            file, line: node.mark?.line, subject: subject, (key.isEmpty ? "" : key + ": ") + message)
    }

    // MARK: Kinds of values

    /// Nothing, or `null`.
    public var isNull: Bool {
        guard case .scalar(let scalar) = node, scalar.style == .plain || scalar.style == .any else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }

    /// Keys with values.
    public var isMapping: Bool { node.mapping != nil }

    /// A single value.
    public var isScalar: Bool { node.scalar != nil }

    /// A text; a number or a word without quotes is one too.
    public func text() throws(DocumentError) -> String {
        guard case .scalar(let scalar) = node, !isNull else { throw error("a text is wanted here") }
        guard !scalar.string.contains("\0") else { throw error("a text cannot contain a NUL character") }
        return scalar.string
    }

    /// A text with at least one character.
    public func nonemptyText() throws(DocumentError) -> String {
        let text = try text()
        guard !text.isEmpty else { throw error("this must not be empty") }
        return text
    }

    /// One of a few words.
    public func choice<Choice: RawRepresentable & CaseIterable>(
        _ type: Choice.Type = Choice.self
    ) throws(DocumentError) -> Choice where Choice.RawValue == String {
        let text = try text()
        if let choice = Choice(rawValue: text) { return choice }
        let known = Choice.allCases.map(\.rawValue)
        let hint = Nearest.word(to: text, in: known).map { "; did you mean \($0)?" } ?? ""
        throw error("\(text.debugDescription) is none of \(known.joined(separator: ", "))" + hint)
    }

    /// `true` or `false`.
    public func flag() throws(DocumentError) -> Bool {
        switch try text() {
        case "true": return true
        case "false": return false
        case let text: throw error("\(text.debugDescription) is neither true nor false")
        }
    }

    /// A whole number within limits.
    public func number(in range: ClosedRange<Int>) throws(DocumentError) -> Int {
        let text = try text()
        guard let number = Int(text), range.contains(number) else {
            throw error("\(text.debugDescription) is no whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// A number and a unit, such as `30s`.
    public func duration(from least: Duration, to most: Duration) throws(DocumentError) -> Duration {
        let text = try text()
        guard let milliseconds = DurationText.milliseconds(text) else {
            throw error("\(text.debugDescription) is no duration: write a whole number and a unit, like 30s or 2m")
        }
        let duration = Duration.milliseconds(milliseconds)
        guard least <= duration, duration <= most else {
            throw error("\(text) does not lie between \(least) and \(most)")
        }
        return duration
    }

    /// The values of a list.
    public func list() throws(DocumentError) -> [DocumentNode] {
        guard let sequence = node.sequence else { throw error("a list is wanted here") }
        return sequence.map { DocumentNode($0, file, subject, key) }
    }

    /// A list of texts.
    public func texts() throws(DocumentError) -> [String] {
        var texts: [String] = []
        for item in try list() { texts.append(try item.text()) }
        return texts
    }

    /// Keys and values in the order of the file.
    public func pairs() throws(DocumentError) -> [(key: String, keyNode: DocumentNode, value: DocumentNode)] {
        guard let mapping = node.mapping else { throw error("keys with values are wanted here") }
        var pairs: [(key: String, keyNode: DocumentNode, value: DocumentNode)] = []
        for (name, value) in mapping {
            let keyNode = DocumentNode(name, file, subject, key)
            let text = try keyNode.text()
            let path = key.isEmpty ? text : key + "." + text
            pairs.append((text, keyNode, DocumentNode(value, file, subject, path)))
        }
        return pairs
    }

    /// Keys and values, of which none may be unknown. A value that is `null` counts as not there.
    public func fields(_ known: [String]) throws(DocumentError) -> DocumentFields {
        var values: [String: DocumentNode] = [:]
        for (key, keyNode, value) in try pairs() {
            guard known.contains(key) else {
                let hint =
                    Nearest.word(to: key, in: known).map { "did you mean \($0)?" }
                    ?? "known are " + known.joined(separator: ", ")
                throw keyNode.error("unknown key \(key.debugDescription); " + hint)
            }
            if !value.isNull { values[key] = value }
        }
        return DocumentFields(node: self, values: values)
    }

    /// The same, and it keeps its key.
    fileprivate func belonging(to subject: String) -> DocumentNode {
        DocumentNode(node, file, subject, key)
    }

    private static func failure(_ error: any Error, in text: String, _ file: FilePath) -> DocumentError {
        let alias = (error as? YamlError).flatMap { AliasProbe.problem($0, in: text) }
        return switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            DocumentError(file, line: mark.line, alias ?? problem)
        case .duplicatedKeysInMapping(let keys, let context):
            DocumentError(file, line: context.mark.line, "\(keys.joined(separator: ", ")) is there twice")
        case .reader(let problem, _, _, _): DocumentError(file, problem)
        default: DocumentError(file, "it cannot be read: \(error)")
        }
    }
}

/// The values of a mapping by key.
public struct DocumentFields: Sendable {
    /// The mapping itself.
    public var node: DocumentNode
    fileprivate let values: [String: DocumentNode]

    /// `nil` when it is not there. It belongs to what the mapping belongs to.
    public subscript(key: String) -> DocumentNode? {
        guard let value = values[key] else { return nil }
        return value.belonging(to: node.subject)
    }

    /// A value that must be there.
    public func required(_ key: String) throws(DocumentError) -> DocumentNode {
        guard let value = self[key] else { throw node.error("\(key) is missing") }
        return value
    }
}
