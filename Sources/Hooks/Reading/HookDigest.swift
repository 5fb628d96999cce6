import CDigest
import LinuxSystem
import SystemPackage

/// What a use of a document can be pinned to: a SHA-256 in 64 hexadecimal digits, as `sha256sum` prints it.
enum HookDigest {
    /// Of a document in one file.
    static func of(_ bytes: [UInt8]) -> String {
        var hash = SHA256()
        hash.update(bytes[...])
        return hash.finalize()
    }

    /// Of a directory of programs: that of what `sha256sum` prints for them, sorted by name, from within the directory.
    static func of(_ programs: [FilePath], in directory: FilePath, below folder: FilePath) throws -> String {
        var lines: [String] = []
        for program in programs.sorted(by: { $0.string.utf8.lexicographicallyPrecedes($1.string.utf8) }) {
            var hash = SHA256()
            try SafeFile.read(program, below: folder) { hash.update($0) }
            let name = program.string.dropFirst(directory.string.utf8.count + 1)
            lines.append("\(hash.finalize())  \(name)\n")
        }
        return of(Array(lines.joined().utf8))
    }
}

/// libmd's SHA-256 (sha2(3)).
private struct SHA256 {
    private var context = SHA2_CTX()

    init() { SHA256Init(&context) }

    mutating func update(_ bytes: ArraySlice<UInt8>) {
        bytes.withUnsafeBufferPointer { SHA256Update(&context, $0.baseAddress, $0.count) }
    }

    mutating func finalize() -> String {
        var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
        SHA256Final(&digest, &context)
        return digest.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }
}
