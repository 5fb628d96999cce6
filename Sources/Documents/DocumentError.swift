public import SystemPackage

/// What is wrong with a configuration file, and where.
public struct DocumentError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file.
    public var file: FilePath
    /// From 1; `nil` for the file as a whole.
    public var line: Int?
    /// The part of the document, such as `step checkpoint`; empty for the document itself.
    public var subject: String
    /// What is wrong, and what to do about it; with the key in front where it is about a key's value.
    public var message: String

    /// An error at a place.
    public init(_ file: FilePath, line: Int? = nil, subject: String = "", _ message: String) {
        self.file = file
        self.line = line
        self.subject = subject
        self.message = message
    }

    /// `FILE:LINE: SUBJECT: MESSAGE`
    public var description: String {
        let place = line.map { "\(file):\($0)" } ?? file.string
        return place + ": " + (subject.isEmpty ? "" : subject + ": ") + message
    }
}
