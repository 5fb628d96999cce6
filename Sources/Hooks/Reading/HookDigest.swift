import Crypto
import LinuxSystem
import SystemPackage

/// What a use of a document can be pinned to: a SHA-256 in 64 hexadecimal digits, as `sha256sum` prints it.
enum HookDigest {
    /// Of a document in one file.
    static func of(_ bytes: [UInt8]) -> String { text(SHA256.hash(data: bytes)) }

    /// Of a directory of programs: that of what `sha256sum` prints for them, sorted by name, from within the directory.
    static func of(_ programs: [FilePath], in directory: FilePath, below folder: FilePath) throws -> String {
        var lines: [String] = []
        for program in programs.sorted(by: { $0.string.utf8.lexicographicallyPrecedes($1.string.utf8) }) {
            var hash = SHA256()
            try SafeFile.read(program, below: folder) { hash.update(data: $0) }
            lines.append("\(text(hash.finalize()))  \(program.string.dropFirst(directory.string.utf8.count + 1))\n")
        }
        return of(Array(lines.joined().utf8))
    }

    private static func text(_ digest: SHA256Digest) -> String {
        digest.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }
}
