import ArgumentParser
import SetModel

/// Asks a person, line by line.
struct Dialog: Sendable {
    /// `nil` at its end.
    let readLine: @Sendable () -> String?
    let messages: any TextSink
    /// Somebody sits at a terminal.
    let isAttended: Bool

    func tell(_ text: String) throws { try messages.write(Text.printable(text) + "\n") }

    /// What the command line says, or what a person answers; a wrong answer is asked for again. The end of the input
    /// is no answer, and ends the command.
    ///
    /// - Parameters:
    ///   - given: what the command line says.
    ///   - flag: what would have said it.
    ///   - fallback: stands for an empty answer.
    func ask<Value>(
        _ given: String?, _ question: String, flag: String, otherwise fallback: String? = nil,
        _ value: (String) throws -> Value
    ) throws -> Value {
        if let given { return try value(given) }
        while true {
            try messages.write(question + (fallback.map { " [\($0)]" } ?? "") + ": ")
            guard let line = readLine() else {
                try messages.write("\n")
                throw SnapshotError(.usage, "nobody answers: give \(flag)")
            }
            let answer = line.isEmpty ? fallback ?? "" : line
            do { return try value(answer) } catch { try tell("  \((error as? SnapshotError)?.message ?? "\(error)")") }
        }
    }

    /// The end of the input is a no.
    func confirm(_ question: String) throws -> Bool {
        try messages.write(question + " [yes] ")
        guard let line = readLine() else {
            try messages.write("\n")
            return false
        }
        return ["", "y", "yes"].contains(line.lowercased())
    }
}
