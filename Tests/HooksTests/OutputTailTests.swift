import SetModel
import Testing

@testable import Hooks

/// What is kept of the output of a step.
struct OutputTailTests {
    /// What is left of pieces.
    private func tail(_ pieces: [String], limit: Int, masking secrets: [String] = []) -> String {
        var tail = OutputTail(limit: limit)
        for piece in pieces { tail.append(Array(piece.utf8)[...]) }
        return tail.text(masking: secrets)
    }

    @Test("the last characters, however they come", arguments: ["x", "ß", "€", "😀"])
    func characters(character: String) {
        for count in [0, 1, 9, 10, 11, 20, 21, 500] {
            let text = String(repeating: character, count: count) + "END"
            let wanted = String(text.suffix(10))
            #expect(tail([text], limit: 10) == wanted)
            #expect(tail(text.map(String.init), limit: 10) == wanted)
            // Byte by byte.
            var bytes = OutputTail(limit: 10)
            for byte in text.utf8 { bytes.append([byte]) }
            #expect(bytes.text(masking: []) == wanted)
        }
    }

    @Test("a secret is masked, also one that is part of another, and what is left of one whose beginning is gone")
    func secrets() {
        #expect(tail(["ab abc abcd"], limit: 100, masking: ["abc", "ab"]) == "*** *** ***d")
        #expect(tail(["it is SEC", "RET, no"], limit: 100, masking: ["SECRET"]) == "it is ***, no")
        let cut = tail(["SECRET" + String(repeating: "😀", count: 9)], limit: 10, masking: ["SECRET"])
        #expect(cut == "*" + String(repeating: "😀", count: 9))
        // The last 40 bytes begin within the secret.
        let lost = [String(repeating: "x", count: 80), "SECRET" + String(repeating: "😀", count: 9)]
        #expect(tail(lost, limit: 10, masking: ["SECRET"]) == String(repeating: "😀", count: 4))
    }

    @Test("a program's last words: a line of standard error, else of standard output")
    func lastWords() {
        for (output, errors, words) in [
            ("", "", nil), ("\n", " \n", nil), ("a\nb\n\n", "", "b"), ("a\n", "c\r\nd\r\n \r\n", "d"),
            ("", String(repeating: "x", count: 300), String(repeating: "x", count: 200)),
        ] as [(String, String, String?)] {
            let result = HookResult(
                stage: .pre, attempt: 1, name: "a", status: .failed, output: output, errors: errors)
            #expect(result.lastWords == words)
        }
    }
}
