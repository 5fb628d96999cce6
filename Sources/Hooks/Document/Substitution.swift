/// `{{ name }}` in the texts of a document.
enum Substitution {
    /// The names that a text mentions.
    static func names(in text: String) -> [String] { pieces(of: text).compactMap(\.name) }

    /// - Returns: the text with every parameter that has a value replaced; what has none stays as it is.
    static func apply(_ values: [String: String], to text: String) -> String {
        pieces(of: text).map { piece in piece.name.flatMap { values[$0] } ?? String(piece.text) }.joined()
    }

    private struct Piece {
        var text: Substring
        var name: String?
    }

    private static func pieces(of text: String) -> [Piece] {
        var pieces: [Piece] = []
        var rest = text[...]
        while let open = rest.firstRange(of: "{{") {
            guard let close = rest[open.upperBound...].firstRange(of: "}}") else { break }
            let name = rest[open.upperBound..<close.lowerBound].trimmed
            guard HookParameter.isName(name) else {
                pieces.append(Piece(text: rest[..<open.upperBound]))
                rest = rest[open.upperBound...]
                continue
            }
            pieces.append(Piece(text: rest[..<open.lowerBound]))
            pieces.append(Piece(text: rest[open.lowerBound..<close.upperBound], name: name))
            rest = rest[close.upperBound...]
        }
        return pieces + [Piece(text: rest)]
    }
}

extension Substring {
    /// Without blanks at both ends.
    fileprivate var trimmed: String {
        var text = self
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}

extension HookStep {
    /// What may mention parameters.
    var substitutedTexts: [String] {
        var texts = Array(environment.values)
        if case .program(let words) = command { texts += words }
        if case .shell(let text) = command { texts.append(text) }
        return texts + [runAs, directory].compactMap { $0 }
    }

    /// What SSM allows.
    static let timeoutSeconds = 1...172_800

    /// With the parameters' values in place.
    func substituting(_ values: [String: String]) -> HookStep {
        func apply(_ text: String) -> String { Substitution.apply(values, to: text) }
        var step = self
        step.environment = environment.mapValues(apply)
        step.runAs = runAs.map(apply)
        step.directory = directory.map(apply)
        if step.directory?.isEmpty == true { step.directory = nil }
        step.timeoutText = timeoutText.map(apply)
        if let seconds = step.timeoutText.flatMap({ Int($0) }), HookStep.timeoutSeconds.contains(seconds) {
            step.timeout = .seconds(seconds)
            step.timeoutText = nil
        }
        switch command {
        case .program(let words): step.command = .program(words.map(apply))
        case .shell(let text): step.command = .shell(apply(text))
        }
        return step
    }
}
