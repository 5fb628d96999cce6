import Documents
import Glibc

/// Regular expressions of parameters: POSIX extended, regcomp(3), and what of Java's dialect, in which SSM documents are
/// written, means the same: `\d`, `\w`, `\s`, `(?:`, escaped characters in brackets.
enum ParameterPattern {
    /// - Throws: when it cannot be evaluated here.
    static func checked(_ node: DocumentNode) throws(DocumentError) -> String {
        let text = try node.nonemptyText()
        guard canEvaluate(text) else {
            throw node.error("\(text.debugDescription) is no regular expression (POSIX extended)")
        }
        return text
    }

    static func canEvaluate(_ text: String) -> Bool {
        var pattern = regex_t()
        guard let posix = posix(text), regcomp(&pattern, posix, REG_EXTENDED | REG_NOSUB) == 0 else { return false }
        regfree(&pattern)
        return true
    }

    /// Whether the whole value matches.
    static func matches(_ value: String, _ text: String) -> Bool {
        var pattern = regex_t()
        guard let posix = posix(text), regcomp(&pattern, posix, REG_EXTENDED | REG_NOSUB) == 0 else { return false }
        defer { regfree(&pattern) }
        return regexec(&pattern, value, 0, nil, 0) == 0
    }

    /// Anchored at both ends; `nil` for what POSIX cannot say: looking ahead, flags, possessive repetition.
    static func posix(_ text: String) -> String? {
        var reader = PatternReader(text)
        return reader.translated().map { "^(" + $0 + ")$" }
    }
}

/// Goes through a pattern once.
private struct PatternReader {
    private static let classes: [Character: String] = [
        "d": "[:digit:]", "w": "[:alnum:]_", "s": "[:space:]",
    ]
    private static let negatedClasses: [Character: String] = ["D": "d", "W": "w", "S": "s"]

    private var rest: Substring

    init(_ text: String) { rest = text[...] }

    mutating func translated() -> String? {
        var result = ""
        while let character = rest.popFirst() {
            switch character {
            case "\\":
                guard let escaped = rest.popFirst(), let text = Self.escaped(escaped) else { return nil }
                result += text
            case "[":
                guard let bracket = bracket() else { return nil }
                result += bracket
            case "(" where rest.hasPrefix("?"):
                guard rest.hasPrefix("?:") else { return nil }
                rest.removeFirst(2)
                result += "("
            case "*", "+", "?", "}":
                result.append(character)
                // Possessive: it gives nothing back, and so may match less. A lazy one matches the same as a whole.
                if rest.first == "+" { return nil }
                if rest.first == "?" { rest.removeFirst() }
            default: result.append(character)
            }
        }
        return result
    }

    private static func escaped(_ character: Character) -> String? {
        if let text = classes[character] { return "[" + text + "]" }
        if let positive = negatedClasses[character]?.first, let text = classes[positive] { return "[^" + text + "]" }
        // Other letters and digits have meanings that POSIX has not.
        return character.isLetter || character.isNumber ? nil : "\\" + String(character)
    }

    /// From behind its `[` on. In POSIX a backslash means itself there, and the place of `]`, `^` and `-` matters.
    private mutating func bracket() -> String? {
        var isNegated = false
        if rest.first == "^" {
            isNegated = true
            rest.removeFirst()
        }
        var items = ""
        var (hasClose, hasCaret, hasDash, isFirst) = (false, false, false, true)
        while let character = rest.popFirst() {
            defer { isFirst = false }
            switch character {
            case "]" where !isFirst:
                let inside = (hasClose ? "]" : "") + items + (hasCaret ? "^" : "") + (hasDash ? "-" : "")
                // A caret alone would say "not".
                if inside == "^" { return isNegated ? "[^^]" : "\\^" }
                return (isNegated ? "[^" : "[") + (inside.hasPrefix("^") && !isNegated ? "-^" : inside) + "]"
            case "[":
                guard rest.first == ":", let end = rest.firstRange(of: ":]") else { return nil }
                items += "[" + rest[..<end.upperBound]
                rest = rest[end.upperBound...]
            case "&" where rest.first == "&": return nil
            case "\\":
                guard let escaped = rest.popFirst() else { return nil }
                if let text = Self.classes[escaped] {
                    items += text
                } else if escaped.isLetter || escaped.isNumber {
                    return nil
                } else if isRange(from: escaped) {
                    return nil
                } else {
                    take(escaped)
                }
            case "]", "^", "-": take(character)
            default:
                guard isRange(from: character) else {
                    items.append(character)
                    continue
                }
                rest.removeFirst()
                guard let end = rest.popFirst(), end != "\\", end != "[" else { return nil }
                items += "\(character)-\(end)"
            }
        }
        return nil

        func take(_ literal: Character) {
            switch literal {
            case "]": hasClose = true
            case "^": hasCaret = true
            case "-": hasDash = true
            default: items.append(literal)
            }
        }
    }

    /// Whether a dash comes that is not the last of its bracket.
    private func isRange(from character: Character) -> Bool {
        rest.first == "-" && rest.dropFirst().first.map { $0 != "]" } ?? false
    }
}
