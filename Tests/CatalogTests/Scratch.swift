import Catalog
import FoundationEssentials
import GRDB
import Glibc
import LinuxSystem
import SetModel
import SystemPackage
import Testing

/// A directory of its own for a test, gone afterwards.
func withScratch<Result>(_ kind: CatalogKind = .sqlite, _ body: (FilePath) throws -> Result) throws -> Result {
    let directory = try scratchDirectory(kind)
    defer { removeScratch(directory) }
    return try body(directory)
}

func scratchDirectory(_ kind: CatalogKind = .sqlite) throws -> FilePath {
    guard let parent = kind.scratchParent else { throw Errno.notSupported }
    return try scratchDirectory(in: parent)
}

private func scratchDirectory(in parent: FilePath) throws -> FilePath {
    var template = Array(parent.appending("stillpoint-catalog-XXXXXX").string.utf8CString)
    guard mkdtemp(&template) != nil else { throw Errno(rawValue: errno) }
    return FilePath(platformString: template)
}

extension CatalogKind {
    /// Those that have a place on this host. Where attributes have none, AttributeStoreTests are skipped and say so.
    static let testable = allCases.filter { $0.scratchParent != nil }

    static let needsAttributes: Comment = "needs a directory whose file system holds 3600 bytes in user attributes"

    /// Where a directory can be that holds such a store.
    var scratchParent: FilePath? {
        switch self {
        case .sqlite: "/tmp"
        case .attributes: Self.attributeParent
        }
    }

    private static let attributeParent: FilePath? = {
        let package = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
        let candidates: [FilePath] = ["/tmp", "/var/tmp", package.appending(".build")]
        return candidates.first { (try? holdsAttributes($0)) == true }
    }()

    private static func holdsAttributes(_ parent: FilePath) throws -> Bool {
        let directory = try scratchDirectory(in: parent)
        defer { removeScratch(directory) }
        let file = try FileDescriptor.open(
            directory.appending("file"), .writeOnly, options: [.create], permissions: [.ownerReadWrite])
        return try file.closeAfter {
            try ExtendedAttributes.set("user.stillpoint.test", to: Array(repeating: 0x61, count: 3600), of: file)
            return true
        }
    }
}

func removeScratch(_ directory: FilePath) {
    try? FileManager.default.removeItem(atPath: directory.string)
}

func write(_ bytes: [UInt8], to path: FilePath) throws {
    let file = try FileDescriptor.open(
        path, .writeOnly, options: [.create, .truncate], permissions: [.ownerReadWrite])
    _ = try file.closeAfter { try file.writeAll(bytes) }
}

func read(_ path: FilePath) throws -> [UInt8] {
    let file = try FileDescriptor.open(path, .readOnly)
    return try file.closeAfter {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let count = try buffer.withUnsafeMutableBytes({ try file.read(into: $0) }), count > 0 {
            bytes += buffer[..<count]
        }
        return bytes
    }
}

func permissions(_ path: FilePath) -> mode_t? {
    var status = stat()
    return lstat(path.string, &status) == 0 ? status.st_mode & 0o7777 : nil
}

func exists(_ path: FilePath) -> Bool { permissions(path) != nil }

/// The database behind the catalog, for what the catalog does not offer.
func database(_ directory: FilePath) throws -> DatabaseQueue {
    try DatabaseQueue(path: directory.appending("catalog.sqlite").string)
}

extension FilePath {
    var catalog: FilePath { appending("catalog.sqlite") }
    var sets: FilePath { appending("sets") }

    /// The file of a sample in extended attributes.
    func file(_ digit: Character = "a") -> FilePath { sets.appending(String(repeating: digit, count: 32)) }
}

/// The extended attributes of a file.
func attributes(_ path: FilePath) throws -> [String: [UInt8]] {
    let file = try FileDescriptor.open(path, .readOnly)
    return try file.closeAfter {
        var attributes: [String: [UInt8]] = [:]
        for name in try ExtendedAttributes.names(of: file) where name.hasPrefix("user.") {
            attributes[name] = try ExtendedAttributes.value(of: name, in: file)
        }
        return attributes
    }
}

/// Gives a file other attributes: a new one with the same content takes its place.
func rewrite(_ path: FilePath, _ change: (inout [String: [UInt8]]) -> Void) throws {
    var changed = try attributes(path)
    let content = try read(path)
    change(&changed)
    guard unlink(path.string) == 0 else { throw Errno(rawValue: errno) }
    try write(content, to: path)
    let file = try FileDescriptor.open(path, .writeOnly)
    try file.closeAfter {
        for (name, value) in changed { try ExtendedAttributes.set(name, to: value, of: file) }
    }
}
