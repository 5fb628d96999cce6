/// A line of the log that is an event, perhaps of a kind that this version does not know.
struct LogLine {
    let sequence: UInt64
    /// Without a newline.
    let bytes: [UInt8]

    private struct Header: Decodable { var sequence: UInt64 }

    /// `nil` for what is no event, or not all of one.
    init?(_ bytes: [UInt8]) {
        guard let header = try? EventJSON.decode(Header.self, from: bytes) else { return nil }
        sequence = header.sequence
        self.bytes = bytes
    }
}
