import ArgumentParser
import SetModel

/// Asks a person, line by line.
struct Dialog: Sendable {
    /// `nil` at its end.
    let readLine: @Sendable () -> String?
    let messages: any TextSink

    func tell(_ text: String) throws { try messages.write(Text.printable(text) + "\n") }

    /// What the command line says, or what a person answers; a wrong answer is asked for again.
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
                if let fallback { return try value(fallback) }
                throw SnapshotError(.usage, "nobody answers: give \(flag)")
            }
            let answer = line.isEmpty ? fallback ?? "" : line
            do { return try value(answer) } catch { try tell("  \((error as? SnapshotError)?.message ?? "\(error)")") }
        }
    }

    /// Without an answer nothing speaks against it: everything was said on the command line.
    func confirm(_ question: String) throws -> Bool {
        try messages.write(question + " [yes] ")
        guard let line = readLine() else {
            try messages.write("\n")
            return true
        }
        return ["", "y", "yes"].contains(line.lowercased())
    }
}
