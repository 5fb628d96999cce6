/// Text in aligned columns.
struct Table: Sendable {
    struct Column: Sendable {
        var title: String
        var alignedRight = false
    }

    /// Without titles no header is printed.
    var columns: [Column]
    var rows: [[String]]

    init(_ columns: [Column], rows: [[String]]) {
        self.columns = columns
        self.rows = rows
    }

    /// `name  value` lines.
    init(facts: [(name: String, value: String)]) {
        columns = [Column(title: ""), Column(title: "")]
        rows = facts.map { [$0.name, $0.value] }
    }

    private static let gap = "  "
    /// No column is cut below this.
    private static let narrowest = 8

    /// The lines, without spaces at their ends, each at most `width` wide as far as that can be had.
    func lines(width: Int?) -> [String] {
        let titles = columns.map(\.title)
        let cells = ((titles.allSatisfy(\.isEmpty) ? [] : [titles]) + rows).map { $0.map(Text.printable) }
        let widths = fitted(columns.indices.map { column in cells.map { $0[column].displayWidth }.max() ?? 0 }, width)
        return cells.map { row in
            let fields = columns.indices.map { field(row[$0], width: widths[$0], right: columns[$0].alignedRight) }
            return fields.joined(separator: Self.gap).trimmingTrailingSpaces()
        }
    }

    private func field(_ text: String, width: Int, right: Bool) -> String {
        let cut = text.cut(to: width)
        let padding = String(repeating: " ", count: max(0, width - cut.displayWidth))
        return right ? padding + cut : cut + padding
    }

    /// Takes from the widest columns what is too much.
    private func fitted(_ widths: [Int], _ available: Int?) -> [Int] {
        guard let available else { return widths }
        var widths = widths
        var excess = widths.reduce(0, +) + Self.gap.count * (widths.count - 1) - available
        while excess > 0, let widest = widths.indices.max(by: { widths[$0] < widths[$1] }),
            widths[widest] > Self.narrowest
        {
            widths[widest] -= 1
            excess -= 1
        }
        return widths
    }
}

extension String {
    /// In columns of a terminal: East Asian wide characters and emoji take two, combining ones none.
    var displayWidth: Int { reduce(0) { $0 + $1.displayWidth } }

    fileprivate func cut(to width: Int) -> String {
        guard displayWidth > width else { return self }
        var result = ""
        var used = 1
        for character in self {
            used += character.displayWidth
            if used > width { break }
            result.append(character)
        }
        return result + "…"
    }

    fileprivate func trimmingTrailingSpaces() -> String {
        var text = self[...]
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}

extension Character {
    fileprivate var displayWidth: Int {
        guard let scalar = unicodeScalars.first else { return 0 }
        switch scalar.value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
            0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
            return 2
        default:
            return scalar.properties.generalCategory == .nonspacingMark ? 0 : 1
        }
    }
}
