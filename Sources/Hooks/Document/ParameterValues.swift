import FoundationEssentials

/// A value for a parameter that cannot be used.
public struct HookParameterError: Error, Sendable, Equatable, CustomStringConvertible {
    public var parameter: String
    public var message: String
    /// It has to be given; how, whoever asks for the values knows.
    public var isMissing = false

    public var description: String { "parameter \(parameter): \(message)" }
}

extension HookDocument {
    /// SSM's parameter for what tells one execution from another.
    static let executionParameter = "executionId"

    /// A value for every parameter: the given ones, and the defaults of the others. SSM gives each execution a UUID, and
    /// so does this, where the document takes one.
    public func values(_ given: [String: String]) throws(HookParameterError) -> [String: String] {
        let known = parameters.map(\.name)
        for name in given.keys.sorted() where !known.contains(name) {
            let hint = known.isEmpty ? "the document has none" : "there are " + known.joined(separator: ", ")
            throw HookParameterError(parameter: name, message: "there is no such parameter; " + hint)
        }
        var values: [String: String] = [:]
        for parameter in parameters {
            guard let value = given[parameter.name] ?? drawn(for: parameter) ?? parameter.fallback else {
                throw HookParameterError(parameter: parameter.name, message: "it has no default", isMissing: true)
            }
            let parts = parameter.isList ? ListValue.parts(of: value) : [value]
            if let problem = parts.lazy.compactMap(parameter.problem).first {
                throw HookParameterError(parameter: parameter.name, message: "the value \(problem)")
            }
            values[parameter.name] = parameter.isList ? ListValue.text(of: parts) : value
        }
        for step in pre + post {
            guard let text = step.timeoutText, let rest = step.substituting(values).timeoutText else { continue }
            throw HookParameterError(
                parameter: Substitution.names(in: text).first ?? "",
                message: "step \(step.id) would have the time limit \(rest.debugDescription): 1 to 172800 seconds")
        }
        return values
    }

    private func drawn(for parameter: HookParameter) -> String? {
        guard format == .ssm, parameter.name == Self.executionParameter, !parameter.isList else { return nil }
        let id = UUID().uuidString.lowercased()
        return parameter.problem(with: id) == nil ? id : nil
    }
}

/// A StringList of SSM.
enum ListValue {
    /// Words with commas between them, or a JSON list.
    static func parts(of text: String) -> [String] {
        if text.hasPrefix("["), let parts = try? JSONDecoder().decode([String].self, from: Data(text.utf8)) {
            return parts
        }
        return text.isEmpty ? [] : text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }

    /// As SSM's agent writes it into a script (convertToString in agent/parameters/parameters.go).
    static func text(of parts: [String]) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        return (try? encoder.encode(parts)).map { String(decoding: $0, as: UTF8.self) } ?? "[]"
    }
}
