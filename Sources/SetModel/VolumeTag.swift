/// Tags that LVM can hold.
public enum VolumeTag {
    /// The longest, in bytes: what Red Hat documents for LVM.
    public static let maximumLength = 1024

    /// Whether tags of ours have a byte as it is: `A-Z a-z 0-9 . _ / : + -`. Every other one is written as `!XX`.
    public static func isPlain(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
            || "._/:+-".utf8.contains(byte)
    }

    /// How many bytes a text has in a tag of ours.
    public static func encodedLength(_ text: String) -> Int { text.utf8.reduce(0) { $0 + (isPlain($1) ? 1 : 3) } }

    /// Letters, digits and `. _ - + / = ! : & #`, no `-` in front (lib/metadata/metadata.h, `validate_tag`; lvm(8)).
    public static func isSpelled(_ tag: String) -> Bool {
        guard let first = tag.utf8.first, first != UInt8(ascii: "-") else { return false }
        return tag.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
                || "._-+/=!:&#".utf8.contains(byte)
        }
    }
}
