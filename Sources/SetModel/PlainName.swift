/// What stands for policies, schedules, hook documents and their steps.
public enum PlainName {
    /// Letters, digits and `. _ -`, from 1 to 64 bytes.
    public static func isID(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a || (0x30...0x39).contains(byte)
                    || ".-_".utf8.contains(byte)
            }
    }

    /// The same, and neither a hidden file nor an option.
    public static func isName(_ text: String) -> Bool { isID(text) && !text.hasPrefix(".") && !text.hasPrefix("-") }
}
