import SetModel

/// Volumes, and the policies that are for them.
struct CoverageReport: Report {
    let coverage: Coverage
    /// Of files that cannot be read.
    let problems: [String]

    private var volumes: [(volume: String, policies: [String])] {
        coverage.policies.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    var json: [(key: String, value: JSON)] {
        [
            (
                "volumes",
                .array(
                    volumes.map {
                        .object([("volume", .string($0.volume)), ("policies", .strings($0.policies))])
                    })
            ), ("uncovered", .strings(coverage.uncovered)), ("problems", .strings(words)),
        ]
    }

    private var words: [String] {
        problems + coverage.problems.map { "\($0.policy): \($0.problem.message)" }
    }

    var names: [String] { coverage.uncovered }

    var table: [Line] {
        guard !volumes.isEmpty else { return words.map { .text($0) } }
        let rows = volumes.map { [$0.volume, $0.policies.isEmpty ? "NONE" : $0.policies.joined(separator: ", ")] }
        return [.table(Table([.init(title: "VOLUME"), .init(title: "POLICIES")], rows: rows))]
            + words.map { .text("unusable: \($0)") }
    }

    var emptyHint: String { "No thin volumes on this host." }
}
