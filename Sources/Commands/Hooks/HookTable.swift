import Hooks
import SetModel

/// What the steps of a hook document did, for people.
enum HookTable {
    static func table(_ results: [HookResult]) -> Table {
        Table(
            [
                .init(title: "STAGE"), .init(title: "ATTEMPT", alignedRight: true), .init(title: "STEP"),
                .init(title: "STATUS"), .init(title: "EXIT", alignedRight: true),
                .init(title: "TOOK", alignedRight: true), .init(title: "REASON"),
            ],
            rows: results.map { result in
                [
                    result.stage.rawValue, String(result.attempt), result.name, result.status.rawValue,
                    result.exitCode.map(String.init) ?? result.signal.map { "signal \($0)" } ?? Words.absent,
                    Words.milliseconds(result.durationMs), why(result) ?? Words.absent,
                ]
            })
    }

    /// What its exit code means, and what it said.
    private static func why(_ result: HookResult) -> String? {
        let words = [result.reason, result.status == .succeeded ? nil : result.lastWords].compactMap(\.self)
        return words.isEmpty ? nil : words.joined(separator: ": ")
    }
}

extension HookResult {
    /// As every command prints a step to programs.
    var json: JSON {
        .object([
            ("stage", .string(stage.rawValue)),
            ("attempt", .integer(Int64(attempt))),
            ("name", .string(name)),
            ("status", .string(status.rawValue)),
            ("exitCode", exitCode.map { .integer(Int64($0)) } ?? .null),
            ("signal", signal.map { .integer(Int64($0)) } ?? .null),
            ("durationMs", .number(durationMs)),
            ("reason", .string(reason)),
            ("output", .string(output)),
            ("errors", .string(errors)),
        ])
    }
}
