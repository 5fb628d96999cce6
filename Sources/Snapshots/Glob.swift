import Glibc

/// Patterns with `*`, `?` and `[...]`.
enum Glob {
    /// Characters and not bytes, whatever the locale of the process; never freed. `nil`: a C library without it, where
    /// `?` stands for a byte.
    nonisolated(unsafe) private static let utf8 = newlocale(1 << LC_CTYPE, "C.UTF-8", nil)

    /// fnmatch(3).
    static func matches(_ text: String, _ pattern: String) -> Bool {
        guard let utf8 else { return fnmatch(pattern, text, 0) == 0 }
        // Of this thread alone, and nothing waits in between.
        let before = uselocale(utf8)
        defer { uselocale(before) }
        return fnmatch(pattern, text, 0) == 0
    }
}
