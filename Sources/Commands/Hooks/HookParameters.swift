import ArgumentParser
import SystemPackage

/// `K=V` words, or `K=@FILE` for what `ps` must not show; `K=@@V` for a value that begins with `@`.
enum HookParameters {
    /// What can be found out without reading a file: one may be a pipe, and is read once.
    static func check(_ words: [String]) throws { _ = try pairs(words) }

    static func parse(_ words: [String]) throws -> [String: String] {
        var values: [String: String] = [:]
        for (key, text) in try pairs(words) { values[String(key)] = try value(text, of: key) }
        return values
    }

    private static func pairs(_ words: [String]) throws -> [Substring: Substring] {
        var pairs: [Substring: Substring] = [:]
        for word in words {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty else {
                throw ValidationError("--hook-param \(word) is no KEY=VALUE.")
            }
            guard pairs.updateValue(parts[1], forKey: parts[0]) == nil else {
                throw ValidationError("--hook-param \(parts[0]) is given twice.")
            }
        }
        return pairs
    }

    /// The content of the file, without the newline at its end.
    static func value(_ text: Substring, of key: Substring) throws -> String {
        guard text.hasPrefix("@") else { return String(text) }
        let rest = text.dropFirst()
        if rest.hasPrefix("@") { return String(rest) }
        do {
            let file = try FileDescriptor.open(
                FilePath(String(rest)), .readOnly, options: [.closeOnExec, .nonBlocking])
            defer { try? file.close() }
            var buffer = [UInt8](repeating: 0, count: longestValue + 1)
            let count = try buffer.withUnsafeMutableBytes { try file.read(into: $0) }
            let bytes = buffer[..<count]
            guard bytes.count <= longestValue else {
                throw ValidationError("--hook-param \(key): \(rest) has more than \(longestValue) bytes.")
            }
            let content = String(decoding: bytes, as: UTF8.self)
            return content.hasSuffix("\n") ? String(content.dropLast()) : content
        } catch let error as Errno {
            throw ValidationError("--hook-param \(key): \(rest) cannot be read: \(error).")
        }
    }

    private static let longestValue = 65_536
}
