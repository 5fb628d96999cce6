import ArgumentParser
import SetModel

/// `stillpoint tag SET KEY=VALUE... KEY-...`
struct TagCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "tag", abstract: "Add tags to a set, change them, or remove them.",
        discussion: "KEY=VALUE adds a tag or changes it, KEY- removes it.")

    @Argument(help: .set, transform: NameArgument.set)
    var set: String

    @Argument(help: ArgumentHelp("A tag.", valueName: "key=value | key-"))
    var tags: [String]

    @OptionGroup var console: ConsoleOptions

    func validate() throws { _ = try change() }

    private func change() throws -> SetChange {
        var removed: Swift.Set<String> = []
        var added: [TagArgument] = []
        for tag in tags {
            let (key, value) = SetTag.parts(tag)
            if value == nil, key.unicodeScalars.last == "-", key.unicodeScalars.count > 1 {
                removed.insert(String(key.unicodeScalars.dropLast()))
            } else {
                do { added.append(try TagArgument.parse(tag)) } catch {
                    throw ValidationError("The tag \(tag.debugDescription): \(error)")
                }
            }
        }
        let adding = try TagArgument.dictionary(added)
        if let both = removed.first(where: { adding[$0] != nil }) {
            throw ValidationError("The tag \(both.debugDescription) is to be added and removed.")
        }
        return .tags(adding: adding, removing: removed)
    }

    func perform(_ invocation: Invocation) async throws -> Outcome {
        let change = try change()
        return try await ChangedReport.of([set], done: "tagged", invocation) { _ in change }
    }
}
