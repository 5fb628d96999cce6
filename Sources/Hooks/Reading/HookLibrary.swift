import SetModel

/// All hook documents that this host knows: its own, and those that came with the program.
public struct HookLibrary: Sendable {
    private let folders: [HookFolder]

    /// - Parameter folders: a document in an earlier one hides those of its name in later ones.
    public init(_ folders: [HookFolder]) { self.folders = folders }

    /// The names of all documents, sorted, whatever is in them.
    public func names() throws -> [String] {
        var names: Set<String> = []
        for folder in folders { names.formUnion(try folder.names()) }
        return names.sorted()
    }

    /// See ``HookFolder/document(named:)``.
    public func document(named name: String) throws -> HookDocument {
        guard PlainName.isName(name) else { throw HookFolderError.badName(name) }
        guard let folder = folders.first(where: { $0.contains(name) }) else {
            throw HookFolderError.missing(name, folders[0].path)
        }
        return try folder.document(named: name)
    }
}
