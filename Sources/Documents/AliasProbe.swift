import Yams

/// Finds YAML's anchors and aliases before anything is made of them.
///
/// A few lines of nested aliases stand for billions of values, and Yams compares the keys of a mapping by all that is in
/// them. It tells of no tokens; so its own scanner is asked. In a copy of the text every `&` is an `@`, with which no
/// token can begin: the first anchor is an error, at its place. Inside scalars, comments and tags both may be, and there
/// is no alias without an anchor before it.
enum AliasProbe {
    /// The copy; `nil` for a text that can have no anchor.
    static func copy(of text: String) -> String? {
        guard text.utf8.contains(UInt8(ascii: "&")) else { return nil }
        return String(
            decoding: text.utf8.map { $0 == UInt8(ascii: "&") ? UInt8(ascii: "@") : $0 }, as: UTF8.self)
    }

    /// What to say when an anchor or alias is what is wrong with `text`, or with its copy; else `nil`.
    static func problem(_ error: YamlError, in text: String) -> String? {
        switch error {
        case .scanner(let context, _, let mark, _):
            let isOne = context.map { $0.text.hasSuffix("anchor") || $0.text.hasSuffix("alias") } ?? false
            return isOne || scalar(at: mark, in: text) == "&" ? refusal : nil
        case .composer(_, "found undefined alias", _, _): return refusal
        default: return nil
        }
    }

    private static let refusal =
        "anchors and aliases of YAML (&, *) are not taken: write the value out; a text that begins with one needs quotes"

    /// Lines end where libyaml ends them (`SKIP_LINE`); columns count Unicode scalars.
    private static func scalar(at mark: Mark, in text: String) -> Unicode.Scalar? {
        var (line, column) = (1, 1)
        var previous: Unicode.Scalar?
        for scalar in text.unicodeScalars {
            if line == mark.line, column == mark.column { return scalar }
            switch scalar {
            case "\n" where previous == "\r": break
            case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": (line, column) = (line + 1, 1)
            default: column += 1
            }
            previous = scalar
        }
        return nil
    }
}
