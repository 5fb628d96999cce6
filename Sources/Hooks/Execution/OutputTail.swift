/// The end of what a program printed.
struct OutputTail {
    /// In characters: what SSM keeps of standard output and of standard error.
    static let standard = 24_000, errors = 8_000

    private let limit: Int
    private var bytes: [UInt8] = []
    private var hasLost = false

    init(limit: Int) { self.limit = limit }

    mutating func append(_ more: ArraySlice<UInt8>) {
        bytes += more
        // A character has at most four bytes. Twice as much as is wanted, so that it is not moved for every byte.
        if bytes.count > limit * 8 {
            bytes.removeFirst(bytes.count - limit * 4)
            hasLost = true
        }
    }

    /// The last characters, with the secrets masked.
    func text(masking secrets: [String]) -> String {
        var text = String(decoding: bytes, as: UTF8.self)
        // The longest first: one may be part of another.
        for secret in secrets.sorted(by: { $0.count > $1.count }) { text = text.replacing(secret, with: "***") }
        let tail = String(text.suffix(limit))
        guard hasLost, let first = secrets.map(\.count).max() else { return tail }
        // What is left of a secret whose beginning was cut off.
        return String(tail.dropFirst(min(first, tail.count)))
    }
}
