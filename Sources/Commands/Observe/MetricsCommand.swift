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
    ///
    /// On Debian the collector's directory belongs to the user of node_exporter, who may do in it what he likes. So it is
    /// opened once, by a path without links, and all else happens in what was opened: the new file is one that was not
    /// there before, and takes the place of whatever has its name, without following it. A directory in which everybody
    /// may write is refused all the same: others could give the collector a file of theirs under this name.
    static func write(_ text: String, to path: FilePath) throws(SnapshotError) {
        let folder: FileDescriptor
        do { folder = try DirectoryBelow.open(path.removingLastComponent()) } catch {
            throw SnapshotError(.refused, "the metrics cannot be written into \(path)", cause: error)
        }
        defer { try? folder.close() }
        var status = stat()
        guard fstat(folder.rawValue, &status) == 0, status.st_mode & S_IWOTH == 0 else {
            throw SnapshotError(
                .refused, "the metrics cannot be written into \(path): everybody can write in its directory",
                causes: ["chmod o-w \(path.removingLastComponent())"])
        }
        do {
            try AtomicFile.write(
                text.utf8, to: path, in: folder, permissions: [.ownerReadWrite, .groupRead, .otherRead])
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
