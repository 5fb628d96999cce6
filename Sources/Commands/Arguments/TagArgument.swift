import ArgumentParser
import SetModel

/// A tag as it is written on the command line: `KEY=VALUE`.
struct TagArgument: Equatable {
    var key: String
    var value: String

    /// Refuses what no set can have: ``SetTag``.
    @Sendable
    static func parse(_ text: String) throws -> TagArgument {
        let (key, given) = SetTag.parts(text)
        guard let value = given, !key.isEmpty else { throw ValidationError("Write it as KEY=VALUE.") }
        if let problem = SetTag.problem(key, value) {
            throw ValidationError(problem.prefix(1).uppercased() + problem.dropFirst() + ".")
        }
        return TagArgument(key: key, value: value)
    }

    /// All tags of one command line.
    static func dictionary(_ tags: [TagArgument]) throws -> [String: String] {
        guard tags.count <= SetTag.most else {
            throw ValidationError("A set has at most \(SetTag.most) tags.")
        }
        return try tags.reduce(into: [:]) { result, tag in
            guard result.updateValue(tag.value, forKey: tag.key) == nil else {
                throw ValidationError("The tag '\(tag.key)' is given twice.")
            }
        }
    }
}
