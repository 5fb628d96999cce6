/// The words of one command as the single string that lvm2_run takes.
///
/// `lvm_split` (tools/lvmcmdline.c) cuts that string again. It knows quotes around a whole word, but no escapes; a `#`
/// at the start of a word ends the line; and lvm2_run refuses 64 words (`MAX_ARGS`, tools/tools.h).
enum LVMWords {
    /// The most words of one command, its name included.
    static let limit = 63

    /// Throws ``LVMError/Code/unexpressible`` when `lvm_split` would not give back exactly `words`.
    static func line(_ words: [String]) throws(LVMError) -> String {
        guard !words.isEmpty, words.count <= limit else {
            throw LVMError(
                .unexpressible, "a command has 1 to \(limit) words, this one has \(words.count)", command: words)
        }
        var quoted: [String] = []
        for word in words { quoted.append(try quote(word)) }
        return quoted.joined(separator: " ")
    }

    private static func quote(_ word: String) throws(LVMError) -> String {
        let bytes = word.utf8
        // isspace in the C locale, in which the worker runs.
        let hasSpace = bytes.contains { $0 == 0x20 || (0x09...0x0D).contains($0) }
        let startsSpecially = ["\"", "'", "#"].contains { word.utf8.starts(with: $0.utf8) }
        if bytes.contains(0) {
            throw LVMError(.unexpressible, "a word with a zero byte cannot be given to LVM: \(word.debugDescription)")
        }
        if !bytes.isEmpty, !hasSpace, !startsSpecially { return word }
        if !bytes.contains(UInt8(ascii: "\"")) { return "\"" + word + "\"" }
        if !bytes.contains(UInt8(ascii: "'")) { return "'" + word + "'" }
        throw LVMError(.unexpressible, "a word with both kinds of quotes cannot be given to LVM: \(word)")
    }
}
