/// The body of a message between ``LVMWorker`` and ``WorkerProcess``: texts, one after the other, each one its length
/// in bytes, a newline, and so many bytes.
///
/// Not JSON: each job is a fresh process, and Foundation's coders cost it more at their first use than LVM does.
struct WorkerTexts {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    static func encode(_ texts: [String]) -> [UInt8] {
        texts.flatMap { Array("\($0.utf8.count)\n".utf8) + Array($0.utf8) }
    }

    var isEmpty: Bool { rest.isEmpty }

    /// The next one; `nil` when there is none, or when what follows is none.
    mutating func next() -> String? {
        guard let end = rest.firstIndex(of: UInt8(ascii: "\n")),
            let length = Int(String(decoding: rest[..<end], as: UTF8.self)),
            length >= 0, length <= rest.endIndex - (end + 1)
        else { return nil }
        let text = String(decoding: rest[(end + 1)..<(end + 1 + length)], as: UTF8.self)
        rest = rest[(end + 1 + length)...]
        return text
    }

    mutating func number() -> Int? { next().flatMap { Int($0) } }

    mutating func words() -> [String]? {
        guard let count = number(), count >= 0, count <= rest.count else { return nil }
        var words: [String] = []
        for _ in 0..<count {
            guard let word = next() else { return nil }
            words.append(word)
        }
        return words
    }
}
