import Testing

@testable import Hooks

/// READY, in whatever pieces it comes.
struct LineFinderTests {
    @Test(
        arguments: [
            ("READY\n", true), ("READY\r\n", true), ("noise\nREADY\nmore", true), ("READY", false),
            ("READY \n", false), ("xREADY\n", false), ("READYREADY\n", false), ("\n\nREADY\n", true),
            ("READY\r\r\n", false), ("READ\nY\n", false), ("", false),
        ])
    func finds(text: String, isFound: Bool) {
        let bytes = Array(text.utf8)
        for size in 1...max(1, bytes.count) {
            var finder = LineFinder("READY")
            let pieces = stride(from: 0, to: bytes.count, by: size).map {
                Array(bytes[$0..<min($0 + size, bytes.count)])
            }
            #expect(pieces.contains { finder.finds($0) } == isFound, "in pieces of \(size)")
        }
    }
}
