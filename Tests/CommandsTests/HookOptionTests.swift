import Foundation
import Testing

@testable import Commands

/// The flags of hooks.
struct HookOptionTests {
    @Test func parameters() throws {
        let file = "/tmp/stillpoint-parameter-\(UUID().uuidString)"
        defer { unlink(file) }
        try "open sesame\n".write(toFile: file, atomically: false, encoding: .utf8)
        let values = try HookParameters.parse(["a=", "b=x=y", "c=@" + file, "d=@@me"])
        #expect(values == ["a": "", "b": "x=y", "c": "open sesame", "d": "@me"])
    }

    @Test(
        "what is wrong is named",
        arguments: [
            ("a", "--hook-param a is no KEY=VALUE"), ("=b", "no KEY=VALUE"),
            ("a=@/nowhere/x", "a: /nowhere/x cannot be read"),
        ]
    )
    func wrong(word: String, says: String) {
        let error = #expect(throws: (any Error).self) { try HookParameters.parse([word]) }
        #expect(error.map { "\($0)" }?.contains(says) == true, "\(String(describing: error))")
    }

    @Test func twice() {
        #expect(throws: (any Error).self) { try HookParameters.parse(["a=1", "a=2"]) }
    }
}
