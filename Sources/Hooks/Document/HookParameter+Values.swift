extension HookParameter {
    /// A letter, then letters and digits: it is part of a variable's name (`HOOK_user`).
    static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= 64 else { return false }
        func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a }
        return isLetter(first) && text.utf8.allSatisfy { isLetter($0) || (0x30...0x39).contains($0) }
    }

    /// Why `value` is none for this parameter, in words that follow "the value"; `nil` when it is one.
    func problem(with value: String) -> String? {
        // A secret is not repeated in an error.
        let shown = isSecret ? "" : " \(value.debugDescription)"
        guard !value.contains("\0") else { return "has a NUL character in it" }
        if !allowedValues.isEmpty, !allowedValues.contains(value) {
            return "\(shown.dropFirst().isEmpty ? "" : String(shown.dropFirst()) + " ")is none of"
                + " \(allowedValues.joined(separator: ", "))"
        }
        if let allowedPattern, !ParameterPattern.matches(value, allowedPattern) {
            return "\(shown.dropFirst().isEmpty ? "" : String(shown.dropFirst()) + " ")does not match \(allowedPattern)"
        }
        return nil
    }
}
