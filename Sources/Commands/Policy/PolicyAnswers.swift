import ArgumentParser
import Documents
import Lifecycle
import SetModel

/// What a person answers, in the words of a policy's file.
enum PolicyAnswers {
    static func id(_ text: String) throws -> String {
        guard PlainName.isName(text) else {
            throw ValidationError("An id has letters, digits and . _ -, at most 64, a letter or digit first.")
        }
        return text
    }

    /// A zone's name, if there is one.
    static func zone(_ text: String) throws -> String {
        do { return try Zone(named: text).name } catch { throw ValidationError("\(error)") }
    }

    /// Words with blanks between; with quotes around it, one may have blanks itself.
    static func targets(_ text: String) throws -> [String] {
        var words: [String] = []
        var word: String?
        var quote: Character?
        for character in text {
            if character == quote {
                quote = nil
            } else if quote != nil {
                word?.append(character)
            } else if character == " " {
                if let word { words.append(word) }
                word = nil
            } else if word == nil, "\"'".contains(character) {
                quote = character
                word = ""
            } else {
                word = (word ?? "") + String(character)
            }
        }
        guard quote == nil else { throw ValidationError("A quote has no end.") }
        if let word { words.append(word) }
        guard !words.isEmpty else { throw ValidationError("Name at least one.") }
        return try words.map(NameArgument.word)
    }

    /// A length, six or five fields of cron, or a calendar expression.
    ///
    /// - Returns: also whether `zone` or the expression itself says in which time zone.
    static func schedule(
        _ text: String, _ zone: String?
    ) throws -> (create: [(key: String, value: DocumentValue)], hasZone: Bool) {
        let key: String
        let timing: Timing
        do {
            if text.hasPrefix("cron(") || text.split(separator: " ").count == 5 {
                key = "cron"
                timing = try Timing.cron(text)
            } else if text.first?.isNumber == true, text.allSatisfy({ $0.isLetter || $0.isNumber }) {
                key = "every"
                timing = try Timing.every(text)
            } else {
                key = "onCalendar"
                timing = try Timing.calendar(text)
            }
            // It may have another zone already.
            if let zone { _ = try Schedule(id: "", timing: timing, zone: Zone(named: zone)) }
        } catch {
            throw ValidationError("\(error)")
        }
        return (
            [(key, .text(text))] + (zone.map { [("timeZone", .text($0))] } ?? []), zone != nil || timing.zone != nil
        )
    }

    /// `24`, `30d`, `daily=7,weekly=4`, and several of these with commas between.
    static func keep(_ text: String) throws -> [(key: String, value: DocumentValue)] {
        var rule: [(key: String, value: DocumentValue)] = []
        var count: Int?
        var age: RetainAge?
        var slots: [RetainSlot: Int] = [:]
        for word in text.split(separator: ",") {
            let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
            if parts.count == 2, let slot = RetainSlot(rawValue: parts[0]), let number = Int(parts[1]) {
                slots[slot] = number
                rule.append((slot.rawValue, .number(number)))
            } else if parts.count == 1, let number = Int(parts[0]) {
                count = number
                rule.append(("count", .number(number)))
            } else if parts.count == 1, let length = RetainAge(parts[0]) {
                age = length
                rule.append(("age", .text(parts[0])))
            } else {
                let names = RetainSlot.allCases.map(\.rawValue).joined(separator: ", ")
                throw ValidationError("\(word) keeps nothing: write 24, 30d, or NAME=7 with one of \(names).")
            }
        }
        guard !rule.isEmpty else { throw ValidationError("Say how many sets are kept.") }
        var seen: Swift.Set<String> = []
        if let twice = rule.first(where: { !seen.insert($0.key).inserted }) {
            throw ValidationError("\(text) says \(twice.key) twice.")
        }
        // What is no rule would be refused all the same, when nobody can answer anew.
        do { _ = try RetainRule(count: count, age: age, slots: slots) } catch { throw ValidationError("\(error)") }
        return rule
    }
}
