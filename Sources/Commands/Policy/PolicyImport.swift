import ArgumentParser
import Documents
import Foundation
import Lifecycle
import Policies
import SetModel
import SystemPackage

/// `stillpoint policy import-dlm FILE`
struct PolicyImportCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "import-dlm", abstract: "Make a policy of one of Amazon DLM.",
        discussion: """
            FILE is what `aws dlm get-lifecycle-policy` prints; - for the standard input. What has no equivalent here is
            listed. It is for the volumes with DLM's target tags, or for what --target says.
            """)

    @Argument(help: "The JSON file.")
    var file: String

    @Option(help: "The new policy's id. (default: that of DLM)")
    var id: String?

    @Option(
        name: .customLong("target"),
        help: ArgumentHelp("What it is for, instead of DLM's target tags; may be repeated.", valueName: "target"),
        transform: NameArgument.word)
    var targets: [String] = []

    @Flag(help: "Print the policy, and write nothing.")
    var dryRun = false

    @OptionGroup var console: ConsoleOptions

    func validate() throws {
        if let id, !PlainName.isName(id) {
            throw ValidationError("--id has letters, digits and . _ -, at most 64, a letter or digit first.")
        }
    }

    func perform(_ invocation: Invocation) async throws -> Outcome {
        let folder = try invocation.policies()
        do {
            let source = try DLMImport(try text(invocation), file: FilePath(file), id: id, targets: targets)
            let place = folder.place(for: source.draft.id)
            let (text, policy) = try source.draft.written(as: place)
            if !dryRun { try folder.add(text, id: policy.id) }
            return Outcome(
                PolicyTextReport(policy: policy.id, file: dryRun ? nil : place, text: text, remarks: source.remarks))
        } catch {
            throw SnapshotError(wrapping: error, otherwise: .usage)
        }
    }

    private func text(_ invocation: Invocation) throws -> String {
        let limit = 1 << 20
        let data: Data
        do {
            data =
                try file == "-"
                ? FileHandle.standardInput.read(upToCount: limit) ?? Data()
                : Data(contentsOf: URL(fileURLWithPath: invocation.absolute(file)))
        } catch {
            throw SnapshotError(.usage, "\(file) cannot be read", cause: error)
        }
        guard data.count < limit, let text = String(data: data, encoding: .utf8) else {
            throw SnapshotError(.usage, "\(file) is no text in UTF-8, or too large for a policy")
        }
        return text
    }
}

/// A policy that was written, or would be.
struct PolicyTextReport: Report {
    let policy: String
    /// `nil`: it was not written.
    let file: FilePath?
    let text: String
    let remarks: [String]

    var json: [(key: String, value: JSON)] {
        [
            ("policy", .string(policy)), ("file", .string(file?.string)), ("text", .string(text)),
            ("remarks", .strings(remarks)),
        ]
    }

    var table: [Line] {
        let lines = text.split(separator: "\n").map { Line.text(String($0)) }
        let told = remarks.map { Line.text("# \($0)") }
        return (file.map { told + [.text("wrote \($0)")] }) ?? told + lines
    }

    var names: [String] { [policy] }
}
