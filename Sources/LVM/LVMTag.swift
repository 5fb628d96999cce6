import SetModel

/// Tags of ours: `stillpoint.<key>=<value>`, in the few characters that LVM takes.
///
/// Every byte of a key or value outside `A-Z a-z 0-9 . _ / : + -` is written as `!XX`, upper-case hexadecimal. So `=`
/// appears once in a tag, different texts give different tags, and every tag reads back as it was written.
public enum LVMTag {
    /// The longest tag, in bytes.
    public static let maximumLength = VolumeTag.maximumLength
    /// What every tag of ours begins with.
    public static let prefix = "stillpoint."

    /// The tag for a key of ours and a value of any text.
    public static func tag(_ key: String, _ value: String) throws(LVMError) -> String {
        try limited(prefix + encode(key) + "=" + encode(value), key: key)
    }

    /// The tag for a key and value that a person chose: `stillpoint.tag.<key>=<value>`.
    public static func user(_ key: String, _ value: String) throws(LVMError) -> String {
        try limited(SetTag.prefix + encode(key) + "=" + encode(value), key: key)
    }

    /// Key and value of a tag of ours; `nil` for a tag of somebody else, that is without the prefix.
    /// Throws ``LVMError/Code/damagedTags`` for one with the prefix that we did not write.
    public static func parse(_ tag: String) throws(LVMError) -> (key: String, value: String)? {
        guard tag.hasPrefix(prefix) else { return nil }
        let parts = tag.dropFirst(prefix.count).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let key = decode(parts[0]), let value = decode(parts[1]) else {
            throw LVMError(.damagedTags, "the tag \(tag) is not one that Stillpoint wrote")
        }
        return (key, value)
    }

    /// `text` in plain characters and escapes.
    public static func encode(_ text: String) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            if VolumeTag.isPlain(byte) {
                bytes.append(byte)
            } else {
                bytes += [UInt8(ascii: "!"), hexDigits[Int(byte >> 4)], hexDigits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The text that ``encode(_:)`` made `encoded` of, or `nil` when there is none.
    public static func decode(_ encoded: some StringProtocol) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(encoded.utf8)[...]
        while let byte = rest.popFirst() {
            if byte != UInt8(ascii: "!") {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(hexDigits.firstIndex),
                let low = rest.popFirst().flatMap(hexDigits.firstIndex)
            else { return nil }
            bytes.append(UInt8(high << 4 | low))
        }
        // Back again, so that only one spelling of a text is ours.
        guard let text = String(validating: bytes, as: UTF8.self), encode(text) == encoded else { return nil }
        return text
    }

    /// `tag` if LVM takes it: ``VolumeTag``, at most ``maximumLength`` bytes.
    static func checked(_ tag: String) throws(LVMError) -> String {
        guard VolumeTag.isSpelled(tag) else {
            throw LVMError(.unexpressible, "LVM has no tag \(tag.debugDescription)")
        }
        return try limited(tag, key: tag)
    }

    private static func limited(_ tag: String, key: String) throws(LVMError) -> String {
        guard tag.utf8.count <= maximumLength else {
            throw LVMError(
                .unexpressible,
                "the tag \(key.prefix(64)) is \(tag.utf8.count) bytes long as LVM writes it, \(maximumLength) at most")
        }
        return tag
    }

    private static let hexDigits = Array("0123456789ABCDEF".utf8)
}
