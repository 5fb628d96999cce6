/// Finds a line in a text that comes piece by piece.
struct LineFinder {
    private let wanted: [UInt8]
    /// The line that has begun; nothing of it beyond what could be the wanted one.
    private var begun: [UInt8] = []
    private var isTooLong = false

    init(_ line: String) { wanted = Array(line.utf8) }

    /// Whether the line ends in this piece; with or without a carriage return.
    mutating func finds(_ piece: [UInt8]) -> Bool {
        var rest = piece[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            take(rest[..<end])
            let isWanted = !isTooLong && (begun == wanted || begun == wanted + [UInt8(ascii: "\r")])
            begun = []
            isTooLong = false
            if isWanted { return true }
            rest = rest[(end + 1)...]
        }
        take(rest)
        return false
    }

    private mutating func take(_ part: ArraySlice<UInt8>) {
        guard !isTooLong, begun.count + part.count <= wanted.count + 1 else {
            isTooLong = true
            return
        }
        begun += part
    }
}
