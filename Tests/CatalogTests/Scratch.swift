import Catalog
import FoundationEssentials
import GRDB
import Glibc
import SetModel
import SystemPackage

/// A directory of its own for a test, gone afterwards.
func withScratch<Result>(_ body: (FilePath) throws -> Result) throws -> Result {
    let directory = try scratchDirectory()
    defer { removeScratch(directory) }
    return try body(directory)
}

func scratchDirectory() throws -> FilePath {
    var template = Array("/tmp/stillpoint-catalog-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Errno(rawValue: errno) }
    return FilePath(platformString: template)
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
}
