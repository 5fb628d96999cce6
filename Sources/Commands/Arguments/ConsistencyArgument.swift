import ArgumentParser
import SetModel

/// What a set has to promise, as it is written on the command line.
enum ConsistencyArgument {
    static let words = Consistency.allCases.reversed().map(\.rawValue).joined(separator: "|")

    @Sendable
    static func parse(_ text: String) throws -> Consistency {
        guard let value = Consistency(rawValue: text) else { throw ValidationError("Write \(words).") }
        return value
    }
}
