/// SHA-256 as people write it.
public enum DigestText {
    /// 64 hexadecimal digits, in lower case; `nil` for anything else.
    public static func sha256(_ text: String) -> String? {
        text.utf8.count == 64 && text.allSatisfy(\.isHexDigit) ? text.lowercased() : nil
    }
}
