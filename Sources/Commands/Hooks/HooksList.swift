import ArgumentParser
import Hooks

/// `stillpoint hooks list`
struct HooksListCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the hook documents of this host.")

    @OptionGroup var console: ConsoleOptions

    func perform(_ invocation: Invocation) async throws -> Outcome {
        let folder = try invocation.hooks()
        var entries: [HookListReport.Entry] = []
        for name in try HookDocumentLoading.names(in: folder) {
            do {
                let document = try folder.document(named: name)
                entries.append(.init(name: name, format: document.format.rawValue, summary: document.summary))
            } catch {
                // One that is broken does not hide the others.
                entries.append(.init(name: name, problem: String(describing: error)))
            }
        }
        return Outcome(HookListReport(entries: entries))
    }
}

/// The documents, and what is wrong with those that cannot be used.
struct HookListReport: Report {
    struct Entry: Sendable {
        var name: String
        var format: String?
        var summary: String?
        var problem: String?
    }

    let entries: [Entry]

    var json: [(key: String, value: JSON)] {
        [
            (
                "hooks",
                .array(
                    entries.map { entry in
                        .object([
                            ("name", .string(entry.name)), ("format", .string(entry.format)),
                            ("description", .string(entry.summary)), ("problem", .string(entry.problem)),
                        ])
                    })
            )
        ]
    }

    var table: [Line] {
        guard !entries.isEmpty else { return [] }
        return [
            .table(
                Table(
                    [.init(title: "NAME"), .init(title: "FORMAT"), .init(title: "DESCRIPTION")],
                    rows: entries.map { entry in
                        [
                            entry.name, entry.format ?? "unusable",
                            entry.problem ?? entry.summary ?? Words.absent,
                        ]
                    }))
        ]
    }

    var names: [String] { entries.map(\.name) }
    var emptyHint: String { "There are no hook documents in /etc/stillpoint/hooks.d." }
}
