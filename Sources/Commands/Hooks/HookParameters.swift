import ArgumentParser
import Glibc
import SystemPackage

/// `K=V` words, or `K=@FILE` for what `ps` must not show; `K=@@V` for a value that begins with `@`.
enum HookParameters {
    /// What can be found out without reading a file: one may be a pipe, and is read once.
    static func check(_ words: [String]) throws { _ = try pairs(words) }

    static func parse(_ words: [String]) throws -> [String: String] {
        var values: [String: String] = [:]
        for (key, text) in try pairs(words) { values[String(key)] = try value(text, of: flag(String(key))) }
        return values
    }

    /// What gives a parameter, for errors.
    static func flag(_ parameter: String) -> String { "--hook-param \(parameter)" }

    /// Values as they are written.
    static func pairs(_ words: [String]) throws -> [Substring: Substring] {
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

    /// The content of the file, without the end of its last line.
    ///
    /// - Parameter place: what gives it, for errors.
    static func value(_ text: Substring, of place: String) throws -> String {
        guard text.hasPrefix("@") else { return String(text) }
        let rest = text.dropFirst()
        if rest.hasPrefix("@") { return String(rest) }
        do {
            let file = try FileDescriptor.open(
                FilePath(String(rest)), .readOnly, options: [.closeOnExec, .nonBlocking])
            defer { try? file.close() }
            // What a pipe brings is waited for, and not for ever: others may have made it.
            let end = ContinuousClock.now + patience
            var bytes: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: longestValue + 1)
            while bytes.count <= longestValue {
                let wait = max(.zero, end - ContinuousClock.now) / .milliseconds(1)
                var entry = pollfd(fd: file.rawValue, events: Int16(POLLIN), revents: 0)
                guard poll(&entry, 1, Int32(wait)) != 0 else { throw Errno.timedOut }
                let count: Int
                do { count = try buffer.withUnsafeMutableBytes { try file.read(into: $0) } } catch Errno.wouldBlock {
                    continue
                }
                if count == 0 { break }
                bytes += buffer[..<count]
            }
            guard bytes.count <= longestValue else {
                throw ValidationError("\(place): \(rest) has more than \(longestValue) bytes.")
            }
            let content = String(decoding: bytes, as: UTF8.self)
            // The second is a single character.
            return content.hasSuffix("\n") || content.hasSuffix("\r\n") ? String(content.dropLast()) : content
        } catch let error as Errno {
            throw ValidationError("\(place): \(rest) cannot be read: \(error).")
        }
    }

    private static let longestValue = 65_536
    private static let patience = Duration.seconds(10)
}
