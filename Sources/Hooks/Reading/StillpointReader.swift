import Documents
import SetModel

/// Reads our own form of a hook document.
struct StillpointReader {
    let root: DocumentNode
    let name: String

    private static let documentKeys = [
        "description", "minimumVersion", "parameters", "pre", "hold", "post", "afterPowerCut", "mayFreeze",
        "coversRawVolumes",
    ]
    private static let stepKeys = [
        "id", "argv", "shell", "timeout", "environment", "runAs", "directory", "onError",
    ]

    private enum AfterPowerCut: String, CaseIterable { case nothing, post }

    /// A step, and where it stands.
    private struct Placed {
        var step: HookStep
        var node: DocumentNode
    }

    func document() throws(DocumentError) -> HookDocument {
        let fields = try root.fields(Self.documentKeys)
        if let version = fields["minimumVersion"] { try MinimumVersion.check(version) }
        var document = HookDocument(name: name, file: root.file, format: .stillpoint)
        document.summary = try fields["description"]?.text()
        if let node = fields["parameters"] { document.parameters = try parameters(node) }
        let pre = try fields["pre"].map { node throws(DocumentError) in try steps(node, .pre) } ?? []
        let post = try fields["post"].map { node throws(DocumentError) in try steps(node, .post) } ?? []
        let hold = try fields["hold"].map { node throws(DocumentError) in
            var node = node
            node.subject = "hold"
            return try step(node, .hold, defaultID: "hold")
        }
        document.pre = pre.map(\.step)
        document.post = post.map(\.step)
        document.hold = hold?.step
        if let node = fields["afterPowerCut"] {
            document.runsPostAfterPowerCut = try node.choice(AfterPowerCut.self) == .post
            if document.runsPostAfterPowerCut, let secret = document.parameters.first(where: \.isSecret) {
                throw node.error(
                    "post keeps the parameters on a disk, and \(secret.name) is a secret: use a file for it")
            }
        }
        document.mayFreeze = try fields["mayFreeze"]?.flag() ?? false
        document.coversRawVolumes = try fields["coversRawVolumes"]?.flag() ?? false
        guard !document.pre.isEmpty || document.hold != nil || !document.post.isEmpty else {
            throw root.error("it has no step: give pre, hold or post")
        }
        try check(pre + [hold].compactMap(\.self) + post, document.parameters)
        return document
    }

    private func parameters(_ node: DocumentNode) throws(DocumentError) -> [HookParameter] {
        var parameters: [HookParameter] = []
        for (key, keyNode, value) in try node.pairs() {
            guard HookParameter.isName(key) else {
                throw keyNode.error(
                    "\(key.debugDescription) cannot name a parameter: letters and digits, a letter first")
            }
            var value = value
            value.subject = "parameter \(key)"
            var parameter = HookParameter(name: key)
            if value.isScalar, !value.isNull {
                parameter.fallback = try value.text()
            } else if !value.isNull {
                let fields = try value.fields(["default", "description", "allowedValues", "allowedPattern", "secret"])
                parameter.fallback = try fields["default"]?.text()
                parameter.summary = try fields["description"]?.text()
                parameter.allowedValues = try fields["allowedValues"]?.texts() ?? []
                if let pattern = fields["allowedPattern"] {
                    parameter.allowedPattern = try ParameterPattern.checked(pattern)
                }
                parameter.isSecret = try fields["secret"]?.flag() ?? false
            }
            if let fallback = parameter.fallback, let problem = parameter.problem(with: fallback) {
                throw value.error("the default \(problem)")
            }
            parameters.append(parameter)
        }
        return parameters
    }

    private func steps(_ node: DocumentNode, _ stage: HookStage) throws(DocumentError) -> [Placed] {
        var steps: [Placed] = []
        for (index, var item) in try node.list().enumerated() {
            item.subject = "\(stage.rawValue) step \(index + 1)"
            steps.append(try step(item, stage, defaultID: nil))
        }
        return steps
    }

    private func step(
        _ node: DocumentNode, _ stage: HookStage, defaultID: String?
    ) throws(DocumentError) -> Placed {
        var fields = try node.fields(Self.stepKeys)
        let id = try fields["id"]?.text() ?? defaultID
        guard let id else { throw node.error("id is missing") }
        guard PlainName.isID(id) else {
            throw node.error("\(id.debugDescription) cannot be an id: letters, digits and . _ -, at most 64")
        }
        fields.node.subject = "step \(id)"
        var step = HookStep(id: id, command: try command(fields))
        step.timeout = try fields["timeout"]?.duration(from: .seconds(1), to: .seconds(3600))
        if let environment = fields["environment"] {
            for (key, keyNode, value) in try environment.pairs() {
                guard HookEnvironment.isFree(key) else {
                    throw keyNode.error(
                        "\(key.debugDescription) cannot be set by a document: a variable's name, and none of ours")
                }
                step.environment[key] = try value.text()
            }
        }
        step.runAs = try fields["runAs"]?.nonemptyText()
        if let directory = fields["directory"] {
            let path = try directory.nonemptyText()
            guard path.hasPrefix("/") else { throw directory.error("\(path) is not an absolute path") }
            step.directory = path
        }
        if let onError = fields["onError"] {
            guard stage == .pre else {
                throw onError.error("it is for pre: what fails in \(stage.rawValue) is recorded, and ends nothing")
            }
            step.onError = try onError.choice(HookStep.OnError.self)
        }
        return Placed(step: step, node: fields.node)
    }

    private func command(_ fields: DocumentFields) throws(DocumentError) -> HookStep.Command {
        switch (fields["argv"], fields["shell"]) {
        case (let argv?, nil):
            let words = try argv.texts()
            guard let program = words.first, !program.isEmpty else { throw argv.error("it names no program") }
            return .program(words)
        case (nil, let shell?):
            let text = try shell.nonemptyText()
            guard Substitution.names(in: text).isEmpty else {
                throw shell.error(
                    "a parameter's text would become part of the script; use its variable instead, like \"$HOOK_user\"")
            }
            return .shell(text)
        case (_?, _?): throw fields.node.error("give argv or shell, not both")
        case (nil, nil): throw fields.node.error("argv or shell is missing")
        }
    }

    /// What a step cannot tell by itself.
    private func check(_ steps: [Placed], _ parameters: [HookParameter]) throws(DocumentError) {
        var seen: Set<String> = []
        for placed in steps {
            let (step, node) = (placed.step, placed.node)
            guard seen.insert(step.id).inserted else { throw node.error("two steps have the id \(step.id)") }
            for name in step.substitutedTexts.flatMap(Substitution.names)
            where !parameters.contains(where: { $0.name == name }) {
                throw node.error("{{ \(name) }} is no parameter of this document")
            }
            guard case .program(let words) = step.command else { continue }
            for name in words.flatMap(Substitution.names)
            where parameters.contains(where: { $0.name == name && $0.isSecret }) {
                throw node.error("argv: `ps` would show \(name), which is a secret; use its variable, HOOK_\(name)")
            }
        }
    }
}
