/// A datagram of systemd's native journal protocol: fields with their values.
struct JournalMessage {
    private(set) var bytes: [UInt8] = []

    /// - Parameter field: upper-case letters, digits and `_`.
    mutating func add(_ field: String, _ value: [UInt8]) {
        bytes += field.utf8
        if value.contains(LogFile.newline) {
            // The length in 64 bits, little-endian; only so may a value have more lines.
            bytes.append(LogFile.newline)
            withUnsafeBytes(of: UInt64(value.count).littleEndian) { bytes += $0 }
        } else {
            bytes.append(UInt8(ascii: "="))
        }
        bytes += value
        bytes.append(LogFile.newline)
    }

    /// Leaves out what there is not.
    mutating func add(_ field: String, _ value: String?) {
        if let value { add(field, Array(value.utf8)) }
    }
}
