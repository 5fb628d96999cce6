import Glibc

/// Patterns with `*`, `?` and `[...]`.
enum Glob {
    /// fnmatch(3).
    static func matches(_ text: String, _ pattern: String) -> Bool { fnmatch(pattern, text, 0) == 0 }
}
