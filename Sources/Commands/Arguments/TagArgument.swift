import ArgumentParser

/// A tag as it is written on the command line: `KEY=VALUE`.
struct TagArgument: Equatable {
    static let longestKey = 128
    static let longestValue = 256
    static let most = 45

    var key: String
    var value: String

    /// Lengths count Unicode scalars.
    @Sendable
    static func parse(_ text: String) throws -> TagArgument {
        guard let separator = text.firstIndex(of: "="), separator != text.startIndex else {
            throw ValidationError("Write it as KEY=VALUE.")
        }
        let key = String(text[..<separator])
        let value = String(text[text.index(after: separator)...])
        guard !Text.hasControlCharacter(text) else { throw ValidationError("It contains a control character.") }
        guard key.unicodeScalars.count <= longestKey else {
            throw ValidationError("Its key is longer than \(longestKey) characters.")
        }
        guard value.unicodeScalars.count <= longestValue else {
            throw ValidationError("Its value is longer than \(longestValue) characters.")
        }
        return TagArgument(key: key, value: value)
    }

    /// All tags of one command line.
    static func dictionary(_ tags: [TagArgument]) throws -> [String: String] {
        guard tags.count <= most else { throw ValidationError("A set has at most \(most) tags.") }
        return try tags.reduce(into: [:]) { result, tag in
            guard result.updateValue(tag.value, forKey: tag.key) == nil else {
                throw ValidationError("The tag '\(tag.key)' is given twice.")
            }
        }
    }
}
