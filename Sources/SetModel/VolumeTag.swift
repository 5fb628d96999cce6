/// Tags that LVM can hold.
public enum VolumeTag {
    /// The longest, in bytes: what Red Hat documents for LVM.
    public static let maximumLength = 1024

    /// Letters, digits and `. _ - + / = ! : & #`, no `-` in front (lib/metadata/metadata.h, `validate_tag`; lvm(8)).
    public static func isSpelled(_ tag: String) -> Bool {
        guard let first = tag.utf8.first, first != UInt8(ascii: "-") else { return false }
        return tag.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
                || "._-+/=!:&#".utf8.contains(byte)
        }
    }
}
