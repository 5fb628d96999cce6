import SetModel

/// What monitoring plugins end with.
enum CheckStatus: Int32, Sendable, Comparable, CaseIterable {
    case ok = 0
    case warning = 1
    case critical = 2
    /// Nothing could be found out.
    case unknown = 3

    var word: String { String(describing: self).uppercased() }

    static func < (left: CheckStatus, right: CheckStatus) -> Bool { left.rawValue < right.rawValue }
}

/// What is wrong with a host.
struct CheckReport: Report {
    struct Finding: Sendable {
        var status: CheckStatus
        /// In one sentence without a full stop.
        var text: String
    }

    /// A measured value, as monitoring plugins print it.
    struct Measure: Sendable {
        var label: String
        var value: Double
        /// `s`, `%` or nothing.
        var unit = ""
        var warning: Double?
        var critical: Double?
    }

    /// The worst first.
    private(set) var findings: [Finding]
    /// What is said when nothing was found.
    private(set) var summary = ""
    private(set) var measures: [Measure] = []

    init(findings: [Finding], summary: String, measures: [Measure]) {
        // Of two that are as bad the earlier one comes first: sorting keeps no order of its own.
        self.findings = CheckStatus.allCases.sorted(by: >).flatMap { status in
            findings.filter { $0.status == status }
        }
        self.summary = summary
        self.measures = measures
    }

    init(unknown error: SnapshotError) { self.init(.unknown, error) }

    /// Something stands still: nothing else matters, and nothing else is known.
    init(standing error: SnapshotError) { self.init(.critical, error) }

    private init(_ status: CheckStatus, _ error: SnapshotError) {
        findings = [Finding(status: status, text: ([error.message] + error.causes).joined(separator: ": "))]
    }

    var status: CheckStatus { findings.first?.status ?? .ok }

    private var text: String { findings.isEmpty ? summary : findings.map(\.text).joined(separator: "; ") }

    var json: [(key: String, value: JSON)] {
        [
            ("status", .string(status.word)), ("exitCode", .integer(Int64(status.rawValue))),
            ("text", .string(text)),
            (
                "findings",
                .array(
                    findings.map { .object([("status", .string($0.status.word)), ("text", .string($0.text))]) })
            ),
            (
                "measures",
                .array(
                    measures.map { measure in
                        .object([
                            ("label", .string(measure.label)), ("value", .number(measure.value)),
                            ("unit", .string(measure.unit)), ("warning", .number(measure.warning)),
                            ("critical", .number(measure.critical)),
                        ])
                    })
            ),
        ]
    }

    /// `STILLPOINT OK - text | 'label'=value;warning;critical`
    var table: [Line] {
        // What follows the bar is for programs; and a line is a line.
        let text = text.split(whereSeparator: \.isNewline).joined(separator: " ").replacing("|", with: "/")
        let line = "STILLPOINT \(status.word) - \(text)"
        return [.text(measures.isEmpty ? line : line + " | " + measures.map(\.text).joined(separator: " "))]
    }
}

extension CheckReport.Measure {
    /// A limit is passed by values outside of `0:limit`.
    fileprivate var text: String {
        let label = label.replacing("'", with: "").replacing("=", with: "")
        let limits = [warning, critical].map { $0.map { JSON.number($0).text } ?? "" }
        return "'\(label)'=\(JSON.number(value).text)\(unit);\(limits[0]);\(limits[1])"
    }
}
