import ArgumentParser
import Hooks
import SetModel
import Snapshots
import SystemPackage

/// `stillpoint hooks show NAME`
struct HooksShowCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show a hook document's parameters and steps.")

    @Argument(help: "The document's name.")
    var name: String

    @OptionGroup var console: ConsoleOptions

    func perform(_ invocation: Invocation) async throws -> Outcome {
        Outcome(HookDocumentReport(try HookDocumentLoading.document(name, in: try invocation.hooks())))
    }
}

/// `stillpoint hooks validate [NAME...]`
struct HooksValidateCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "validate", abstract: "Check hook documents: all of them, or those named.")

    @Argument(help: "The documents' names.")
    var documents: [String] = []

    @OptionGroup var console: ConsoleOptions

    func perform(_ invocation: Invocation) async throws -> Outcome {
        let folder = try invocation.hooks()
        let all = try documents.isEmpty ? HookDocumentLoading.names(in: folder) : documents
        var problems: [String] = []
        for name in all {
            do {
                for remark in try folder.document(named: name).remarks {
                    invocation.progress.warn("\(name): \(remark)")
                }
            } catch {
                problems.append(String(describing: error))
            }
        }
        return Outcome(checked: all, problems: problems)
    }
}

/// A document for people and programs.
struct HookDocumentReport: Report {
    private let document: HookDocument

    init(_ document: HookDocument) { self.document = document }

    private var steps: [(stage: String, step: HookStep)] {
        document.pre.map { ("pre", $0) } + (document.hold.map { [("hold", $0)] } ?? [])
            + document.post.map { ("post", $0) }
    }

    var json: [(key: String, value: JSON)] {
        [
            ("name", .string(document.name)), ("file", .string(document.file.string)),
            ("format", .string(document.format.rawValue)), ("sha256", .string(document.sha256)),
            ("description", .string(document.summary)),
            ("remarks", .array(document.remarks.map { .string($0) })),
            (
                "parameters",
                .array(
                    document.parameters.map { parameter in
                        .object([
                            ("name", .string(parameter.name)), ("description", .string(parameter.summary)),
                            ("default", .string(parameter.isSecret ? nil : parameter.fallback)),
                            ("required", .bool(parameter.fallback == nil)), ("secret", .bool(parameter.isSecret)),
                        ])
                    })
            ),
            (
                "steps",
                .array(
                    steps.map { stage, step in
                        .object([
                            ("stage", .string(stage)), ("name", .string(step.id)), ("runAs", .string(step.runAs)),
                            ("command", .string(step.command.text)),
                        ])
                    })
            ),
        ]
    }

    var table: [Line] {
        var facts = [
            ("Document", document.name), ("File", document.file.string), ("Format", document.format.rawValue),
            ("SHA-256", document.sha256),
        ]
        if let summary = document.summary { facts.append(("Description", summary)) }
        for parameter in document.parameters {
            let value = parameter.isSecret ? "secret" : parameter.fallback.map { "default \($0.debugDescription)" }
            facts.append(("Parameter", "\(parameter.name): \(value ?? "must be given")"))
        }
        for remark in document.remarks { facts.append(("Remark", remark)) }
        let rows = steps.map { stage, step in
            [
                stage, step.id, step.runAs ?? "root",
                step.command.text.split(separator: "\n").first.map(String.init) ?? "",
            ]
        }
        return [
            .table(Table(facts: facts.map { (name: $0.0, value: $0.1) })), .text(""),
            .table(
                Table(
                    [.init(title: "STAGE"), .init(title: "STEP"), .init(title: "AS"), .init(title: "COMMAND")],
                    rows: rows)),
        ]
    }
}

extension HookStep.Command {
    fileprivate var text: String {
        switch self {
        case .program(let words): words.joined(separator: " ")
        case .shell(let text): text
        }
    }
}
