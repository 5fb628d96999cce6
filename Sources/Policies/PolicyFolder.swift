public import Documents
import Glibc
public import Lifecycle
import LinuxSystem
public import SystemPackage

/// The policies of this host: a YAML file each in `/etc/stillpoint/policies.d`.
public struct PolicyFolder: Sendable {
    /// A policy, and the file it stands in.
    public struct Entry: Sendable {
        public var file: FilePath
        public var policy: Policy
        let root: DocumentNode

        /// For errors about what it says. Read only then; it cannot fail, as everything was checked.
        public func places() throws(DocumentError) -> PolicyPlaces { try PolicyReader(root: root).places() }
    }

    public let path: FilePath

    public init(_ path: FilePath) { self.path = path }

    /// All files that can hold a policy, sorted by name.
    ///
    /// - Throws: ``UnsafeDirectoryError`` for a folder in which others can write.
    public func files() throws -> [FilePath] {
        guard path.withPlatformString({ access($0, F_OK) }) == 0 else { return [] }
        try SafeDirectory.verify(path)
        return try DirectoryListing.names(path).filter {
            !$0.hasPrefix(".") && ["yaml", "yml"].contains(FilePath($0).`extension` ?? "")
        }
        .sorted().map { path.appending($0) }
    }

    /// Every policy that can be read, by its id, and what is wrong with the others.
    ///
    /// Of two files with one id neither is taken: nobody can know which one is meant.
    public func read() throws -> (entries: [Entry], problems: [String]) {
        var entries: [Entry] = []
        var problems: [String] = []
        for file in try files() {
            do { entries.append(try entry(in: file)) } catch {
                problems.append(String(describing: error))
            }
        }
        for (id, same) in Dictionary(grouping: entries, by: \.policy.id) where same.count > 1 {
            let places = same.map { entry in
                (try? entry.places().id.error("").line).map { "\(entry.file):\($0)" } ?? entry.file.string
            }
            problems.append("\(places.joined(separator: " and ")) have the same id \(id): change one")
            entries.removeAll { $0.policy.id == id }
        }
        return (entries.sorted { $0.policy.id < $1.policy.id }, problems.sorted())
    }

    /// Reads one file, and checks all of it.
    ///
    /// - Throws: ``DocumentError``, ``UnsafeFileError``, ``UnsafeDirectoryError``.
    public func policy(in file: FilePath) throws -> Policy { try entry(in: file).policy }

    private func entry(in file: FilePath) throws -> Entry {
        let root = try DocumentNode(parsing: try text(of: file), file: file)
        return Entry(file: file, policy: try PolicyReader(root: root).policy(), root: root)
    }

    /// Writes a policy's state into its file, and leaves everything else in it as it is.
    public func setState(_ state: Policy.State, in file: FilePath) throws {
        let text = try text(of: file)
        let changed = PolicyText.settingState(state, in: text)
        // What is written has to say what was meant.
        let policy = try PolicyReader(root: DocumentNode(parsing: changed, file: file)).policy()
        guard policy.state == state else {
            throw DocumentError(file, "its state cannot be changed by this program: write state: \(state.rawValue)")
        }
        let place = try SafeFile.verify(file, below: path)
        try AtomicFile.write(changed.utf8, to: place, permissions: permissions(of: place))
    }

    /// Where a new policy with that id goes.
    public func place(for id: String) -> FilePath { path.appending(id + ".yaml") }

    /// Writes a new policy.
    ///
    /// - Throws: ``DocumentError`` when there is one with its id, or its file.
    public func add(_ text: String, id: String) throws {
        let file = place(for: id)
        if let other = try read().entries.first(where: { $0.policy.id == id }) {
            throw DocumentError(other.file, "it has the id \(id) already: choose another one with --id")
        }
        guard file.withPlatformString({ access($0, F_OK) }) != 0 else {
            throw DocumentError(file, "the file is there already: choose another id with --id")
        }
        try SafeDirectory.ensure(path)
        try AtomicFile.write(text.utf8, to: file)
    }

    /// It may hold what others must not read.
    private func permissions(of file: FilePath) -> FilePermissions {
        var status = stat()
        guard file.withPlatformString({ stat($0, &status) }) == 0 else { return .ownerReadWrite }
        return FilePermissions(rawValue: status.st_mode & 0o644)
    }

    private func text(of file: FilePath) throws -> String {
        try DocumentText.of(try SafeFile.read(file, below: path, limit: DocumentText.limit), file: file)
    }
}

/// A policy's text, edited line by line so that comments stay.
enum PolicyText {
    static func settingState(_ state: Policy.State, in text: String) -> String {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let line = "state: \(state.rawValue)"
        if let index = lines.firstIndex(where: { $0.hasPrefix("state:") }) {
            let comment = lines[index].drop { $0 != "#" }
            lines[index] = line + (comment.isEmpty ? "" : " " + comment)
        } else {
            // Before the first key, after what the file says of itself.
            let first = lines.firstIndex { !$0.isEmpty && !$0.hasPrefix("#") && !$0.hasPrefix("---") } ?? lines.count
            lines.insert(line, at: first)
        }
        return lines.joined(separator: "\n")
    }
}
