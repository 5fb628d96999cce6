import ArgumentParser
import Glibc
import LinuxSystem
import Metrics
import SetModel
import SystemPackage

/// `stillpoint metrics [--write FILE]`
struct MetricsCommand: Verb {
    /// A form of text; see ``MetricsText``.
    enum Format: String, CaseIterable, ExpressibleByArgument {
        case openmetrics, prometheus

        fileprivate var writer: MetricsText {
            switch self {
            case .openmetrics: .openmetrics
            case .prometheus: .prometheus
            }
        }
    }

    static let configuration = CommandConfiguration(
        commandName: "metrics", abstract: "Print metrics of policies, sets and pools, or write them for node_exporter.",
        discussion: """
            OpenMetrics is what is printed. node_exporter's textfile collector and `promtool check metrics` read the
            older text of Prometheus, so that is what --write writes: the same metrics under the same names.
            """)

    @Option(
        help: ArgumentHelp("Write them into this file, all at once, instead of printing them.", valueName: "file"),
        transform: NameArgument.word)
    var write: String?

    @Option(help: "The text's form. (default: openmetrics; with --write: prometheus)")
    var format: Format?

    @OptionGroup var console: ConsoleOptions

    func perform(_ invocation: Invocation) async throws -> Outcome {
        let families = HostMetrics(try await HostState.read(invocation)).families
        guard let write else {
            return Outcome(MetricsReport(families: families, writer: (format ?? .openmetrics).writer))
        }
        let path = invocation.absolute(write)
        try MetricsFile.write((format ?? .prometheus).writer.text(of: families), to: FilePath(path))
        return Outcome(PathsReport(done: "written", paths: [path]))
    }
}

/// The file that node_exporter reads, as another user.
enum MetricsFile {
    /// All of it, or nothing. Mode 0644.
    static func write(_ text: String, to path: FilePath) throws(SnapshotError) {
        // This process makes files for their owner alone. By its path a file could not be opened up safely afterwards:
        // on Debian the collector's directory belongs to the user of node_exporter.
        do { try SafeDirectory.verify(path.removingLastComponent()) } catch {
            throw SnapshotError(.refused, "the metrics cannot be written into \(path)", cause: error)
        }
        let mask = umask(0o022)
        defer { umask(mask) }
        do {
            try AtomicFile.write(
                text.utf8, to: path, permissions: [.ownerReadWrite, .groupRead, .otherRead])
        } catch {
            throw SnapshotError(.failed, "the metrics cannot be written into \(path)", cause: error)
        }
    }
}

/// Metrics as Prometheus reads them, and as JSON.
struct MetricsReport: Report {
    let families: [MetricFamily]
    let writer: MetricsText

    var json: [(key: String, value: JSON)] {
        [
            (
                "metrics",
                .array(
                    families.filter { !$0.samples.isEmpty }.map { family in
                        .object([
                            ("name", .string(family.name)), ("type", .string(family.kind.rawValue)),
                            ("unit", .string(family.unit)), ("help", .string(family.help)),
                            ("samples", .array(family.samples.map(\.json))),
                        ])
                    })
            )
        ]
    }

    var table: [Line] { writer.text(of: families).split(separator: "\n").map { .text(String($0)) } }
}

extension MetricFamily.Sample {
    fileprivate var json: JSON {
        .object([
            ("labels", .object(labels.map { ($0.name, .string($0.value)) })), ("value", .number(value)),
        ])
    }
}
