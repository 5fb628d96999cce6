/// The texts in which Prometheus reads metrics.
///
/// There are two, since none can be both where there are counters. OpenMetrics names a counter's family without
/// `_total` (`# TYPE x counter`, then `x_total 3`). Prometheus 0.0.4, which `promtool check metrics` and the textfile
/// collector of node_exporter read, takes `x` and `x_total` for two families. Tried with promtool 2.42, node_exporter
/// 1.5 and the OpenMetrics parser of prometheus_client 0.16:
///
/// | text | promtool | textfile collector | OpenMetrics |
/// | --- | --- | --- | --- |
/// | `# TYPE x counter` | `x_total no help text`, exit code 3 | `x_total` untyped, its help is lost | valid |
/// | `# TYPE x_total counter` | passes | `x_total` a counter | `Clashing name: x_total` |
/// | `# HELP x` and `# HELP x_total` | passes | untyped | `Clashing name: x_total` |
/// | `# HELP x_total` alone | passes | untyped | valid, of unknown type |
/// | `# TYPE x info` | `unknown metric type "info"` | the same parser | valid |
///
/// So OpenMetrics is what is printed, and the file for node_exporter is in 0.0.4: the same families, the same names of
/// samples. No family is of type info: a gauge named `_info` is valid in both.
public enum MetricsText: String, Sendable, CaseIterable {
    /// OpenMetrics 1.0, complete with `# EOF`.
    case openmetrics
    /// Prometheus 0.0.4.
    case prometheus

    /// One family after the other, as they are given.
    public func text(of families: [MetricFamily]) -> String {
        var text = ""
        for family in families where !family.samples.isEmpty { write(family, to: &text) }
        if self == .openmetrics { text += "# EOF\n" }
        return text
    }

    private func write(_ family: MetricFamily, to text: inout String) {
        let sampleName = family.kind == .counter ? family.name + "_total" : family.name
        let name = self == .openmetrics ? family.name : sampleName
        text += "# HELP \(name) \(escaped(help: family.help))\n"
        text += "# TYPE \(name) \(family.kind.rawValue)\n"
        // To 0.0.4 it would be a comment.
        if let unit = family.unit, self == .openmetrics, name.hasSuffix("_" + unit) {
            text += "# UNIT \(name) \(unit)\n"
        }
        for sample in family.samples {
            text += sampleName
            if !sample.labels.isEmpty {
                let labels = sample.labels.map { "\($0.name)=\"\(escaped($0.value, quotes: true))\"" }
                text += "{" + labels.joined(separator: ",") + "}"
            }
            text += " " + Self.digits(sample.value) + "\n"
        }
    }

    /// In 0.0.4 a quote stands for itself there.
    private func escaped(help: String) -> String { escaped(help, quotes: self == .openmetrics) }

    private func escaped(_ value: String, quotes: Bool) -> String {
        var text = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\"" where quotes: text += "\\\""
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }

    private static func digits(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return Int64(exactly: value).map { String($0) } ?? String(value)
    }
}
