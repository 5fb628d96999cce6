/// JSON escapes a character beyond U+FFFF as the halves that it has in UTF-16 (`\ud83d\ude00`). YAML knows no halves: it
/// has `\U0001f600`.
struct SurrogateEscapes {
    /// The text with YAML's escapes; its lines are the same.
    let joined: String
    /// Where the first half stands that has no other; it is left as it is.
    let unpairedLine: Int?

    /// - Parameter text: JSON.
    init(in text: String) {
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var unpaired: Int?
        var isInString = false
        var index = 0
        while index < bytes.count {
            var length = 1
            if bytes[index] == UInt8(ascii: "\"") {
                isInString.toggle()
            } else if isInString, bytes[index] == UInt8(ascii: "\\") {
                // With what it escapes: that may be a quote, or a backslash that is before a `u`.
                length = 2
                if let unit = Self.unit(bytes, at: index), (0xD800...0xDFFF).contains(unit) {
                    if let escape = Self.escape(unit, Self.unit(bytes, at: index + 6)) {
                        result += escape.utf8
                        index += 12
                        continue
                    }
                    unpaired = unpaired ?? index
                }
            }
            result += bytes[index..<min(index + length, bytes.count)]
            index += length
        }
        joined = String(decoding: result, as: UTF8.self)
        unpairedLine = unpaired.map { String(decoding: bytes[..<$0], as: UTF8.self).filter(\.isNewline).count + 1 }
    }

    /// What `\uXXXX` stands for.
    private static func unit(_ bytes: [UInt8], at index: Int) -> UInt16? {
        guard index + 6 <= bytes.count, bytes[index] == UInt8(ascii: "\\"), bytes[index + 1] == UInt8(ascii: "u") else {
            return nil
        }
        return UInt16(String(decoding: bytes[index + 2..<index + 6], as: UTF8.self), radix: 16)
    }

    /// `nil` when these are no two halves.
    private static func escape(_ high: UInt16, _ low: UInt16?) -> String? {
        guard let low, UTF16.isLeadSurrogate(high), UTF16.isTrailSurrogate(low) else { return nil }
        let digits = String(0x10000 + ((Int(high) - 0xD800) << 10) + (Int(low) - 0xDC00), radix: 16)
        return "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
    }
}
