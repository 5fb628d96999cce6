/// The known word that somebody may have meant.
public enum Nearest {
    /// The word with the smallest edit distance to `word`; `nil` when none is near.
    public static func word(to word: String, in known: [String]) -> String? {
        let limit = max(1, min(3, (word.count + 1) / 2))
        let measured = known.map { (word: $0, distance: distance(Array(word.lowercased()), Array($0.lowercased()))) }
        return measured.filter { $0.distance <= limit }.min { ($0.distance, $0.word) < ($1.distance, $1.word) }?.word
    }

    /// Levenshtein's: letters inserted, removed or exchanged.
    private static func distance(_ one: [Character], _ other: [Character]) -> Int {
        var row = Array(0...other.count)
        for (i, letter) in one.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, second) in other.enumerated() {
                let changed = diagonal + (letter == second ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(changed, row[j] + 1, diagonal + 1)
            }
        }
        return row[other.count]
    }
}
