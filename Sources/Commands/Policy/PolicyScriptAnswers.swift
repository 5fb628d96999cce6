import ArgumentParser
import Documents
import Hooks
import SetModel

/// The hook document of a new policy, and what it is to be told.
struct PolicyScriptAnswers {
    private let library: HookLibrary
    private let absolute: (String) -> String
    /// By parameter, as the policy's file has them: of what is in a file, the file's name.
    private var given: [String: String] = [:]

    /// - Parameter words: `K=V` of the command line.
    init(_ words: [String], _ invocation: Invocation) throws {
        library = try invocation.hooks()
        absolute = { invocation.absolute($0) }
        for (key, text) in try HookParameters.pairs(words) { given[String(key)] = written(String(text)) }
    }

    /// Looks at what the command line says before anything is asked: no answer could mend it.
    func check(_ name: String?, isAsking: Bool) throws {
        guard let name, let document = try found(name) else { return }
        if isAsking { try check(given, of: document) } else { try checkAll(given, of: document) }
    }

    /// - Parameter name: the document's; `nil`: it is asked for.
    /// - Returns: what the schedule says of it; nothing without a document.
    func ask(_ name: String?, _ dialog: Dialog) throws -> [(key: String, value: DocumentValue)] {
        let chosen = try dialog.ask(
            name, "A hook document that brings applications to rest, - for none", flag: "--hooks", otherwise: "-",
            found)
        guard let document = chosen else { return [] }
        var values = given
        for parameter in document.parameters where parameter.fallback == nil && values[parameter.name] == nil {
            values[parameter.name] = try ask(parameter, of: document, dialog)
        }
        try checkAll(values, of: document)
        var fields: [(key: String, value: DocumentValue)] = [("hooks", .text(document.name))]
        let texts = document.parameters.compactMap { parameter in
            values[parameter.name].map { (key: parameter.name, value: DocumentValue.text($0)) }
        }
        if !texts.isEmpty { fields.append(("parameters", .fields(texts))) }
        return [("scripts", .fields(fields))]
    }

    private func ask(_ parameter: HookParameter, of document: HookDocument, _ dialog: Dialog) throws -> String {
        let hint = parameter.isSecret ? "@FILE has each run read it from a file" : nil
        let question = ["The parameter \(parameter.name) of \(document.name)", parameter.summary, hint]
        return try dialog.ask(
            nil, question.compactMap(\.self).joined(separator: ", "),
            flag: HookParameters.flag(parameter.name) + "=VALUE"
        ) { text in
            guard !text.isEmpty else { throw ValidationError("It has no default.") }
            let value = written(text)
            try check([parameter.name: value], of: document)
            return value
        }
    }

    /// `nil`: none.
    private func found(_ name: String) throws -> HookDocument? {
        try name == "-" ? nil : HookDocumentLoading.document(name, in: library)
    }

    /// A run has another working directory than whoever writes the policy.
    private func written(_ text: String) -> String {
        text.hasPrefix("@") && !text.hasPrefix("@@") ? "@" + absolute(String(text.dropFirst())) : text
    }

    /// Whatever the other parameters will be.
    private func check(_ values: [String: String], of document: HookDocument) throws {
        var document = document
        // A step's time limit may be a parameter.
        (document.pre, document.post) = ([], [])
        document.parameters = document.parameters.map {
            values[$0.name] == nil ? HookParameter(name: $0.name, fallback: "") : $0
        }
        try checkAll(values, of: document)
    }

    private func checkAll(_ values: [String: String], of document: HookDocument) throws {
        var contents: [String: String] = [:]
        for (key, text) in values {
            do { contents[key] = try HookParameters.value(text[...], of: HookParameters.flag(key)) } catch {
                throw SnapshotError(wrapping: error, otherwise: .usage)
            }
        }
        _ = try HookDocumentLoading.values(contents, for: document)
    }
}
