public import SystemPackage

/// The text of a configuration file.
public enum DocumentText {
    /// The largest file that is read, in bytes.
    public static let limit = 1 << 20

    /// - Throws: ``DocumentError`` for what is not UTF-8.
    public static func of(_ bytes: [UInt8], file: FilePath) throws(DocumentError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw DocumentError(file, "it is not UTF-8 text")
        }
        return text
    }
}
