import FoundationEssentials

/// All volumes of all volume groups, from one `lvs`.
public struct LVMReport: Sendable, Equatable {
    /// Those that have volumes, in LVM's order.
    public var volumeGroups: [VolumeGroup]
    /// Hidden ones too, in LVM's order.
    public var volumes: [LogicalVolume]
    /// What LVM said beside the report, a line each: missing physical volumes, VGs it could not read, ...
    public var warnings: [String]
    /// `false` when LVM called the report a failure: some volume group may be missing from it.
    public var isComplete: Bool
    /// Only when it was asked for.
    public var configuration: LVMConfiguration?

    /// A report with these parts.
    public init(
        volumeGroups: [VolumeGroup] = [], volumes: [LogicalVolume] = [], warnings: [String] = [],
        isComplete: Bool = true, configuration: LVMConfiguration? = nil
    ) {
        self.volumeGroups = volumeGroups
        self.volumes = volumes
        self.warnings = warnings
        self.isComplete = isComplete
        self.configuration = configuration
    }

    /// The volume `VG/LV`; `nil` when there is none, or when two VGs share the name.
    public func volume(named fullName: String) -> LogicalVolume? { only { $0.fullName == fullName } }

    /// The volume with a UUID; `nil` when there is none, or when a copied VG has it too.
    public func volume(uuid: String) -> LogicalVolume? { only { $0.uuid == uuid } }

    /// The pool that a thin volume lives in.
    public func pool(of volume: LogicalVolume) -> LogicalVolume? {
        only { $0.volumeGroupUUID == volume.volumeGroupUUID && $0.name == volume.pool }
    }

    /// The volume group that a volume lives in.
    public func volumeGroup(of volume: LogicalVolume) -> VolumeGroup? {
        volumeGroups.first { $0.uuid == volume.volumeGroupUUID }
    }

    private func only(_ matches: (LogicalVolume) -> Bool) -> LogicalVolume? {
        let found = volumes.lazy.filter(matches).prefix(2)
        return found.count == 1 ? found.first : nil
    }
}

extension LVMReport {
    /// `lv_attr` holds in one field what several others would ask the kernel for again.
    static let command = LVMCommand.report([
        "lvs", "--all", "--reportformat=json", "--units=b", "--nosuffix",
        "--options="
            + [
                "vg_name", "vg_uuid", "vg_lock_type", "vg_attr", "vg_seqno", "vg_tags",
                "lv_name", "lv_uuid", "lv_attr", "lv_size", "lv_tags", "lv_path", "lv_health_status",
                "lv_metadata_size", "pool_lv", "origin", "origin_uuid", "data_percent", "metadata_percent",
                "segtype", "thin_id", "transaction_id", "chunk_size",
            ].joined(separator: ","),
    ])

    /// Reads what `lvs` printed. LVM has a row for every segment of a volume; here they are one volume.
    public init(_ result: LVMResult) throws(LVMError) {
        self.init(warnings: result.errorLines, isComplete: result.succeeded)
        var positions: [String: Int] = [:]
        var groups: Set<String> = []
        for row in try Self.rows(of: result) where !row.isFreeSpace {
            do {
                let volume = try LogicalVolume(row)
                if groups.insert(volume.volumeGroupUUID).inserted { volumeGroups.append(try VolumeGroup(row)) }
                let identity = volume.volumeGroupUUID + "/" + volume.uuid
                if let position = positions[identity] {
                    volumes[position].absorb(volume)
                } else {
                    positions[identity] = volumes.count
                    volumes.append(volume)
                }
            } catch {
                throw LVMError(
                    .badReport, error.message, command: result.command, lines: result.errorLines, results: [result])
            }
        }
    }

    private static func rows(of result: LVMResult) throws(LVMError) -> [ReportRow] {
        do {
            // From 2.03.26 on there is a "log" beside it, which repeats what went to standard error.
            struct Document: Decodable { var report: [[String: [[String: String]]]] }
            let document = try JSONDecoder().decode(Document.self, from: Data(result.output.utf8))
            return document.report.flatMap(\.values).joined().map(ReportRow.init)
        } catch {
            throw LVMError(
                .badReport, "the report of lvs cannot be read", command: result.command, lines: result.errorLines,
                cause: String(describing: error), results: [result])
        }
    }
}

/// One row of a JSON report: LVM gives every value as a text, an empty one for none.
struct ReportRow {
    var values: [String: String]

    var isFreeSpace: Bool { values["lv_name"] == "" }

    func text(_ field: String) throws(LVMError) -> String {
        guard let value = values[field] else { throw LVMError(.badReport, "the report of lvs has no field \(field)") }
        return value
    }

    func optional(_ field: String) throws(LVMError) -> String? {
        let value = try text(field)
        return value.isEmpty ? nil : value
    }

    func number<Number: LosslessStringConvertible>(_ field: String) throws(LVMError) -> Number? {
        guard let value = try optional(field) else { return nil }
        guard let number = Number(value) else {
            throw LVMError(.badReport, "the report of lvs has \(field)=\(value), which is no number")
        }
        return number
    }

    func list(_ field: String) throws(LVMError) -> [String] {
        try text(field).split(separator: ",").map(String.init)
    }

    /// A volume's name without the brackets that mark a hidden one.
    func name(_ field: String) throws(LVMError) -> String? {
        guard let value = try optional(field) else { return nil }
        return value.hasPrefix("[") ? String(value.dropFirst().dropLast()) : value
    }
}

extension LogicalVolume {
    init(_ row: ReportRow) throws(LVMError) {
        name = try row.name("lv_name") ?? ""
        volumeGroup = try row.text("vg_name")
        volumeGroupUUID = try row.text("vg_uuid")
        uuid = try row.text("lv_uuid")
        isHidden = try row.text("lv_name").hasPrefix("[")
        segmentTypes = [try row.text("segtype")]
        sizeBytes = try row.number("lv_size") ?? 0
        pool = try row.name("pool_lv")
        origin = try row.name("origin")
        originUUID = try row.optional("origin_uuid")
        thinID = try row.number("thin_id")
        // A thin volume has one too: its pool's when it was made.
        transactionID = segmentTypes == ["thin-pool"] ? try row.number("transaction_id") : nil
        dataPercent = try row.number("data_percent")
        metadataPercent = try row.number("metadata_percent")
        metadataSizeBytes = try row.number("lv_metadata_size")
        chunkSizeBytes = try row.number("chunk_size") ?? 0
        health = try row.optional("lv_health_status")
        attributes = try row.text("lv_attr")
        tags = try row.list("lv_tags")
        devicePath = try row.optional("lv_path")
    }

    /// Takes in another row of the same volume.
    mutating func absorb(_ segment: LogicalVolume) {
        segmentTypes += segment.segmentTypes.filter { !segmentTypes.contains($0) }
    }
}

extension VolumeGroup {
    init(_ row: ReportRow) throws(LVMError) {
        name = try row.text("vg_name")
        uuid = try row.text("vg_uuid")
        // "none" is what a VG says that once was shared.
        sharedLockType = try row.optional("vg_lock_type").flatMap { $0 == "none" ? nil : $0 }
        let attributes = try row.text("vg_attr")
        isExported = attributes.dropFirst(2).first == "x"
        isPartial = attributes.dropFirst(3).first == "p"
        seqno = try row.number("vg_seqno") ?? 0
        tags = try row.list("vg_tags")
    }
}
