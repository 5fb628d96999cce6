import SetModel
import Documents

/// Reads an SSM command document, schema 2.2, in YAML or JSON, as Amazon DLM runs it: with `command` set to
/// `pre-script` before the snapshots and to `post-script` after them.
struct SSMReader {
    let root: DocumentNode
    let name: String

    private static let commandParameter = "command"
    private static let commands = ["pre-script", "post-script", "dry-run"]

    static func isSSM(_ root: DocumentNode) -> Bool {
        (try? root.pairs().contains { $0.key == "schemaVersion" }) ?? false
    }

    func document() throws(DocumentError) -> HookDocument {
        let fields = try known(root)
        let version = try fields.need("schemaVersion", root)
        guard try version.text() == "2.2" else {
            throw version.error("\(try version.text()) is not supported; 2.2 is")
        }
        var document = HookDocument(name: name, file: root.file, format: .ssm, mayFreeze: true)
        document.summary = try fields["description"]?.text()
        if let node = fields["parameters"] {
            (document.parameters, document.remarks) = try parameters(node)
        }
        guard document.parameters.contains(where: { $0.name == Self.commandParameter }) else {
            throw root.error("it has no parameter `command`, which tells it what to do")
        }
        let steps = try steps(try fields.need("mainSteps", root), document.parameters)
        guard !steps.isEmpty else { throw root.error("no step of it is for Linux") }
        // Which of the three it is to be goes in by substitution, as in SSM itself.
        func calling(_ command: String, _ stage: String) -> [HookStep] {
            steps.map { step in
                var step = step.substituting([Self.commandParameter: command])
                step.id = stage + "-" + step.id
                return step
            }
        }
        document.pre = calling("pre-script", "pre")
        document.post = calling("post-script", "post")
        document.rehearsal = calling("dry-run", "dry-run")
        document.parameters.removeAll { $0.name == Self.commandParameter }
        // SSM gives it a value in each execution, and so do we: see ``HookDocument/values(_:)``.
        if let index = document.parameters.firstIndex(where: { $0.name == HookDocument.executionParameter }),
            document.parameters[index].fallback == nil
        {
            document.parameters[index].fallback = "None"
        }
        return document
    }

    private func parameters(_ node: DocumentNode) throws(DocumentError) -> ([HookParameter], remarks: [String]) {
        var parameters: [HookParameter] = []
        var remarks: [String] = []
        for (key, keyNode, value) in try node.pairs() {
            guard HookParameter.isName(key) else { throw keyNode.error("\(key.debugDescription) names no parameter") }
            var value = value
            value.subject = "parameter \(key)"
            let fields = try known(value)
            if let type = fields["type"], !["String", "StringList", "Boolean", "Integer"].contains(try type.text()) {
                throw type.error("\(try type.text()) is not supported; String and StringList are")
            }
            var parameter = HookParameter(name: key)
            parameter.isList = try fields["type"]?.text() == "StringList"
            if let fallback = fields["default"] {
                parameter.fallback =
                    try parameter.isList && !fallback.isScalar
                    ? ListValue.text(of: fallback.texts()) : fallback.text()
            }
            parameter.summary = try fields["description"]?.text()
            parameter.allowedValues = try fields["allowedValues"]?.texts() ?? []
            // SSM has Java's regular expressions. Who wrote the document must not lose it for one that is none here.
            if let pattern = try fields["allowedPattern"]?.nonemptyText() {
                if ParameterPattern.canEvaluate(pattern) {
                    parameter.allowedPattern = pattern
                } else {
                    remarks.append(
                        "values of parameter \(key) are not checked: its allowedPattern \(pattern.debugDescription) cannot"
                            + " be evaluated here")
                }
            }
            for command in key == Self.commandParameter ? Self.commands : [] {
                if let problem = parameter.problem(with: command) { throw value.error("the value \(problem)") }
            }
            parameters.append(parameter)
        }
        return (parameters, remarks)
    }

    private func steps(
        _ node: DocumentNode, _ parameters: [HookParameter]
    ) throws(DocumentError) -> [HookStep] {
        var steps: [HookStep] = []
        for (index, var item) in try node.list().enumerated() {
            item.subject = "step \(index + 1)"
            let fields = try known(item)
            let id = try fields.need("name", item).text()
            guard PlainName.isID(id) else { throw item.error("\(id.debugDescription) is no name of a step") }
            item.subject = "step \(id)"
            let action = try fields.need("action", item)
            guard try action.text() == "aws:runShellScript" else {
                throw action.error("\(try action.text()) is not supported; aws:runShellScript is")
            }
            guard try fields["precondition"].map(isForLinux) ?? true else { continue }
            let inputs = try fields.need("inputs", item)
            let input = try known(inputs)
            let lines = try input.need("runCommand", inputs)
            let script = try lines.isScalar ? lines.text() : lines.texts().joined(separator: "\n")
            if let list = parameters.first(where: { $0.isList && script.isMention(of: $0.name) }) {
                throw lines.error("runCommand that is a list itself (\(list.name)) is not supported")
            }
            var step = HookStep(id: id, command: .shell(script + "\n"))
            if let seconds = input["timeoutSeconds"] {
                let names = Substitution.names(in: try seconds.text())
                if let unknown = names.first(where: { name in !parameters.contains { $0.name == name } }) {
                    throw seconds.error("{{ \(unknown) }} is no parameter of this document")
                }
                if names.isEmpty {
                    step.timeout = .seconds(try seconds.number(in: HookStep.timeoutSeconds))
                } else {
                    step.timeoutText = try seconds.text()
                }
            }
            step.directory = try input["workingDirectory"]?.text()
            if step.directory?.isEmpty == true { step.directory = nil }
            steps.append(step)
        }
        return steps
    }

    /// `StringEquals: [platformType, Linux]`, in either order.
    private func isForLinux(_ node: DocumentNode) throws(DocumentError) -> Bool {
        for (key, keyNode, value) in try node.pairs() {
            guard key == "StringEquals" else {
                throw keyNode.error("\(key) is not supported; StringEquals is")
            }
            let words = try value.texts().map { $0 == "{{ global:PLATFORM_TYPE }}" ? "platformType" : $0 }
            guard words.count == 2, let other = words.first(where: { $0 != "platformType" }),
                words.contains("platformType")
            else { throw value.error("a precondition other than on platformType is not supported") }
            if other != "Linux" { return false }
        }
        return true
    }

    /// Keys that are not known here are SSM's affair.
    private func known(_ node: DocumentNode) throws(DocumentError) -> [String: DocumentNode] {
        var fields: [String: DocumentNode] = [:]
        for (key, _, value) in try node.pairs() where !value.isNull { fields[key] = value }
        return fields
    }
}

extension String {
    /// Whether this is `{{ name }}`, and nothing else.
    fileprivate func isMention(of name: String) -> Bool {
        Substitution.names(in: self) == [name] && hasPrefix("{{") && hasSuffix("}}")
    }
}

extension [String: DocumentNode] {
    fileprivate func need(_ key: String, _ node: DocumentNode) throws(DocumentError) -> DocumentNode {
        guard let value = self[key] else { throw node.error("\(key) is missing") }
        return value
    }
}
