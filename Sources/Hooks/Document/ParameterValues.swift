/// A value for a parameter that cannot be used.
public struct HookParameterError: Error, Sendable, Equatable, CustomStringConvertible {
    public var parameter: String
    public var message: String

    public var description: String { "parameter \(parameter): \(message)" }
}

extension HookDocument {
    /// A value for every parameter: the given ones, and the defaults of the others.
    public func values(_ given: [String: String]) throws(HookParameterError) -> [String: String] {
        let known = parameters.map(\.name)
        for name in given.keys.sorted() where !known.contains(name) {
            let hint = known.isEmpty ? "the document has none" : "there are " + known.joined(separator: ", ")
            throw HookParameterError(parameter: name, message: "there is no such parameter; " + hint)
        }
        var values: [String: String] = [:]
        for parameter in parameters {
            guard let value = given[parameter.name] ?? parameter.fallback else {
                throw HookParameterError(
                    parameter: parameter.name, message: "it has no default: give it with --hook-param")
            }
            if let problem = parameter.problem(with: value) {
                throw HookParameterError(parameter: parameter.name, message: "the value \(problem)")
            }
            values[parameter.name] = value
        }
        return values
    }
}
