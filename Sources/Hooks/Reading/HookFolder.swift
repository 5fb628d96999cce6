import Documents
import Glibc
import LinuxSystem
import SetModel
public import SystemPackage

/// The hook documents of this host: `/etc/stillpoint/hooks.d`.
///
/// `NAME.yaml`, `NAME.yml` and `NAME.json` are documents of ours or SSM documents; `NAME` is a directory of programs.
public struct HookFolder: Sendable {
    public let path: FilePath

    public init(_ path: FilePath) { self.path = path }

    private static let extensions = ["yaml", "yml", "json"]

    /// The names of all documents, sorted, whatever is in them.
    ///
    /// - Throws: ``UnsafeDirectoryError`` for a folder in which others can write.
    public func names() throws -> [String] {
        guard exists(path) else { return [] }
        try SafeDirectory.verify(path)
        var names: Set<String> = []
        for entry in try DirectoryListing.names(path) where !entry.hasPrefix(".") {
            let file = FilePath(entry)
            if let ending = file.extension, Self.extensions.contains(ending) {
                if let stem = file.stem { names.insert(stem) }
            } else if isDirectory(path.appending(entry)) {
                names.insert(entry)
            }
        }
        return names.filter(PlainName.isName).sorted()
    }

    /// Reads one document, and checks all of it.
    ///
    /// - Throws: ``DocumentError``, ``UnsafeFileError``, ``UnsafeDirectoryError``, ``HookFolderError``.
    public func document(named name: String) throws -> HookDocument {
        guard PlainName.isName(name) else { throw HookFolderError.badName(name) }
        let found = (Self.extensions.map { name + "." + $0 } + [name]).filter { exists(path.appending($0)) }
        guard let only = found.first else { throw HookFolderError.missing(name, path) }
        guard found.count == 1 else { throw HookFolderError.ambiguous(name, found.map { path.appending($0) }) }
        let file = path.appending(only)
        if only == name { return try DirectoryReader(directory: file, folder: path, name: name).document() }
        let bytes = try SafeFile.read(file, below: path, limit: DocumentText.limit)
        var document = try Self.read(DocumentText.of(bytes, file: file), file: file, name: name)
        document.sha256 = HookDigest.of(bytes)
        return document
    }

    static func read(_ text: String, file: FilePath, name: String) throws(DocumentError) -> HookDocument {
        let root = try DocumentNode(parsing: text, file: file)
        var document =
            try SSMReader.isSSM(root)
            ? SSMReader(root: root, name: name).document() : StillpointReader(root: root, name: name).document()
        if let remark = LockRemark.of(document.pre) { document.remarks.append(remark) }
        return document
    }

    /// Whether there is something of that name, whatever it is.
    func contains(_ name: String) -> Bool {
        (Self.extensions.map { name + "." + $0 } + [name]).contains { exists(path.appending($0)) }
    }

    private func exists(_ path: FilePath) -> Bool {
        var status = stat()
        return path.withPlatformString { lstat($0, &status) } == 0
    }

    private func isDirectory(_ path: FilePath) -> Bool {
        var status = stat()
        return path.withPlatformString { stat($0, &status) } == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}

/// A document that cannot be found.
public enum HookFolderError: Error, Sendable, Equatable, CustomStringConvertible {
    case badName(String)
    case missing(String, FilePath)
    case ambiguous(String, [FilePath])

    public var description: String {
        switch self {
        case .badName(let name): "\(name.debugDescription) cannot name a hook document: letters, digits and . _ -"
        case .missing(let name, let folder):
            "there is no hook document \(name) in \(folder); `stillpoint hooks list` shows what there is"
        case .ambiguous(let name, let files):
            "\(name) can be \(files.map(\.string).joined(separator: " or ")): remove or rename all but one"
        }
    }
}
