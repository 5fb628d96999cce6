import Catalog
import Documents
import Events
import Glibc
import Lifecycle
import LinuxSystem
import Policies
import SetModel
import SystemPackage

/// `stillpoint.yaml`: what is not a policy's. Every key may be left out, and so may the file.
struct HostConfiguration: Sendable, Equatable {
    /// Where sets are remembered.
    var catalog = CatalogKind.sqlite
    /// Of sets whose policy is gone.
    var orphans = RetentionPolicy.WhenLeft.keep
    var orphanAge: RetainAge?
    /// The clock is known to jump, and is right.
    var trustsClock = false
    /// For node_exporter's textfile collector, written after every run; `nil`: none.
    var metricsFile: FilePath?
    /// Where events go besides the log and the journal.
    var sinks: [EventSink] = []

    init() {}

    /// The file in the configuration directory.
    static func file(in directory: FilePath) -> FilePath { directory.appending("stillpoint.yaml") }

    /// Reads it.
    ///
    /// - Throws: ``DocumentError``, ``UnsafeFileError``, ``UnsafeDirectoryError``.
    static func read(in directory: FilePath) throws -> HostConfiguration {
        let file = file(in: directory)
        guard file.withPlatformString({ access($0, F_OK) }) == 0 else { return HostConfiguration() }
        try SafeDirectory.verify(directory)
        let text = try DocumentText.of(
            try SafeFile.read(file, below: directory, limit: DocumentText.limit), file: file)
        // One in which everything is a comment says nothing.
        guard text.split(separator: "\n").contains(where: { !$0.hasPrefix("#") && $0.contains { !$0.isWhitespace } })
        else { return HostConfiguration() }
        return try HostConfiguration(DocumentNode(parsing: text, file: file))
    }

    /// What holds on this host.
    static func of(_ settings: Settings) throws(SnapshotError) -> HostConfiguration {
        do { return try read(in: settings.configDirectory) } catch {
            throw SnapshotError(.refused, String(describing: error))
        }
    }

    init(_ root: DocumentNode) throws(DocumentError) {
        let fields = try root.fields(["catalog", "orphans", "orphanAge", "trustClock", "metrics", "events"])
        catalog = try fields["catalog"]?.choice() ?? .sqlite
        orphans = try fields["orphans"]?.choice() ?? .keep
        orphanAge = try fields["orphanAge"]?.retainAge()
        if let node = fields["orphans"], orphans == .expire, orphanAge == nil {
            throw node.error("say with orphanAge how long the sets of a policy stay after it is gone")
        }
        trustsClock = try fields["trustClock"]?.flag() ?? false
        if let metrics = fields["metrics"] {
            let node = try metrics.fields(["textfile"]).required("textfile")
            metricsFile = FilePath(try Self.path(node))
        }
        if let events = fields["events"] {
            for item in try events.fields(["sinks"]).required("sinks").list() {
                let sink = try Self.sink(item)
                guard !sinks.contains(where: { $0.id == sink.id }) else {
                    throw item.error("two sinks have the id \(sink.id)")
                }
                sinks.append(sink)
            }
        }
    }

    private static func sink(_ node: DocumentNode) throws(DocumentError) -> EventSink {
        let fields = try node.fields(["id", "command", "webhook"])
        let id = try fields.required("id").identifier()
        let target: EventSink.Target
        switch (fields["command"], fields["webhook"]) {
        case (let command?, nil): target = .command(try command.texts())
        case (nil, let webhook?): target = .webhook(try webhook.nonemptyText())
        default: throw node.error("give one of command, webhook")
        }
        do { return try EventSink(target, id: id) } catch { throw node.error(error.message) }
    }

    private static func path(_ node: DocumentNode) throws(DocumentError) -> String {
        let text = try node.nonemptyText()
        guard text.hasPrefix("/"), !text.hasSuffix("/") else {
            throw node.error("\(text.debugDescription) is not the path of a file, from the root directory")
        }
        return text
    }
}

extension Settings {
    /// Where events are kept.
    func eventLog() throws(SnapshotError) -> EventLog {
        EventLog(
            directory: stateDirectory.appending("events"), sinks: try HostConfiguration.of(self).sinks)
    }
}
