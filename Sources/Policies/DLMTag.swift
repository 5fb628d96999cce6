import Documents
import SetModel

/// A tag as DLM has it: `{"Key": ..., "Value": ...}`.
struct DLMTag {
    var key: String
    var value: String

    /// Those of a list; none when there is no list.
    static func all(of node: DocumentNode?) throws(DocumentError) -> [DLMTag] {
        var tags: [DLMTag] = []
        for item in try node?.list() ?? [] {
            let fields = try DLMImport.pairs(item)
            guard let key = try fields["Key"]?.text() else { throw item.error("this tag has no Key") }
            tags.append(DLMTag(key: key, value: try fields["Value"]?.text() ?? ""))
        }
        return tags
    }

    var text: String { key + "=" + value }

    /// `@KEY=VALUE`, if LVM can hold it (lvm(8), "tags").
    var target: String? {
        let text = value.isEmpty ? key : text
        return VolumeTag.isSpelled(text) && text.utf8.count <= VolumeTag.maximumLength ? "@" + text : nil
    }

    /// Why no set can have it, as a sentence about it; `nil` when one can. EC2 takes more than we do.
    func problem(hasVariables: Bool) -> String? {
        guard hasVariables else { return SetTag.problem(key, value) }
        if let unknown = TagVariable.names(in: value).first(where: { TagVariable(rawValue: $0) == nil }) {
            return "$(\(unknown)) stands for nothing here"
        }
        return SetTag.problem(key, TagVariable.longest(value))
    }
}
