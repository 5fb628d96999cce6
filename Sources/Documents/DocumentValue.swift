import Yams

/// Something to be written as YAML; keys stay in their order.
public indirect enum DocumentValue: Sendable {
    case text(String)
    case number(Int)
    case flag(Bool)
    case list([DocumentValue])
    case fields([(key: String, value: DocumentValue)])

    /// A list of texts.
    public static func texts(_ texts: [String]) -> DocumentValue { .list(texts.map { .text($0) }) }

    /// As a YAML document, which ends with a line break.
    public func yaml() throws -> String { try Yams.serialize(node: node, indent: 2, width: -1, allowUnicode: true) }

    private var node: Node {
        switch self {
        // In quotes where a reader would take the text for something else.
        case .text(let text): .scalar(text.represented())
        case .number(let number): Node(String(number))
        case .flag(let flag): Node(flag ? "true" : "false")
        case .list(let items): Node(items.map(\.node), .implicit, items.allSatisfy(\.isText) ? .flow : .block)
        case .fields(let fields): Node(fields.map { (.scalar($0.key.represented()), $0.value.node) })
        }
    }

    private var isText: Bool {
        if case .text = self { return true }
        return false
    }
}
