import ArgumentParser
import Policies
import Snapshots

/// `stillpoint volumes`
struct VolumesCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "volumes", abstract: "List the volumes that can be members of a set.")

    @Flag(help: "Show which policies are for each volume, and which volumes none is for.")
    var coverage = false

    @OptionGroup var console: ConsoleOptions

    func perform(_ invocation: Invocation) async throws -> Outcome {
        if coverage {
            let (entries, problems) = try PolicyLoading.all(try invocation.policies())
            let coverage = try await Coverage.of(entries.map(\.policy), try invocation.service())
            return Outcome(CoverageReport(coverage: coverage, problems: problems))
        }
        return Outcome(VolumesReport(volumes: try await invocation.service().volumes()))
    }
}

/// Volumes and their pools.
struct VolumesReport: Report {
    let volumes: [VolumeInfo]

    var json: [(key: String, value: JSON)] { [("volumes", .array(volumes.map(\.json)))] }

    var names: [String] { volumes.map(\.volume) }

    var emptyHint: String { "No thin volumes on this host." }

    var table: [Line] {
        guard !volumes.isEmpty else { return [] }
        let columns: [Table.Column] = [
            .init(title: "VOLUME"), .init(title: "SIZE", alignedRight: true), .init(title: "FILE SYSTEM"),
            .init(title: "MOUNTED ON"), .init(title: "SETS", alignedRight: true), .init(title: "POOL"),
            .init(title: "DATA", alignedRight: true), .init(title: "METADATA", alignedRight: true),
        ]
        let rows = volumes.map { volume in
            [
                volume.volume, Words.size(volume.sizeBytes), volume.filesystem ?? Words.absent,
                volume.mountPoints.isEmpty ? Words.absent : volume.mountPoints.joined(separator: ", "),
                String(volume.sets), volume.pool, Words.percent(volume.poolDataPercent),
                Words.percent(volume.poolMetadataPercent),
            ]
        }
        return [.table(Table(columns, rows: rows))]
    }
}

extension VolumeInfo {
    fileprivate var json: JSON {
        .object([
            ("volume", .string(volume)),
            ("pool", .string(pool)),
            ("sizeBytes", .unsigned(sizeBytes)),
            ("filesystem", .string(filesystem)),
            ("mountPoints", .strings(mountPoints)),
            ("sets", .integer(Int64(sets))),
            ("poolDataPercent", .number(poolDataPercent)),
            ("poolMetadataPercent", .number(poolMetadataPercent)),
        ])
    }
}
