public import FoundationEssentials

/// Something that happened, as the log, the journal and the sinks get it.
///
/// Its JSON is an event of Amazon EventBridge in camelCase, without what only an account has: `id`, `time`, `source`
/// (`aws.dlm` there), `detailType` and `detail`; `host`, `sequence` and `schemaVersion` are ours.
public struct Event: Sendable, Equatable, Identifiable {
    /// The program that all events come from.
    public static let source = "stillpoint"
    /// Of the JSON.
    public static let schemaVersion = 1

    /// 32 lower-case hexadecimal digits: whoever gets an event twice knows it by this.
    public var id: String
    /// Its place in the log of its host, from 1. Numbers grow, and some may be left out.
    public var sequence: UInt64
    /// Whole seconds.
    public var time: Date
    public var host: String
    public var detail: EventDetail

    /// - Parameter time: cut to whole seconds.
    public init(id: String, sequence: UInt64, time: Date, host: String, detail: EventDetail) {
        self.id = id
        self.sequence = sequence
        self.time = Date(timeIntervalSince1970: time.timeIntervalSince1970.rounded(.down))
        self.host = host
        self.detail = detail
    }

    /// From ``json()``.
    ///
    /// - Throws: `DecodingError`, also for a kind of event that this version does not know.
    public init(json: [UInt8]) throws { self = try EventJSON.decode(Event.self, from: json) }

    /// Its JSON on one line, without a newline at the end; keys sorted, times as in RFC 3339.
    public func json() throws -> [UInt8] { try EventJSON.encode(self) }
}

extension Event: Codable {
    private enum CodingKeys: String, CodingKey {
        case schemaVersion, id, sequence, time, source, host, detailType, detail
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let type = try container.decode(EventType.self, forKey: .detailType)
        self.init(
            id: try container.decode(String.self, forKey: .id),
            sequence: try container.decode(UInt64.self, forKey: .sequence),
            time: try container.decode(Date.self, forKey: .time),
            host: try container.decode(String.self, forKey: .host),
            detail: try EventDetail(type, from: container.superDecoder(forKey: .detail)))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(Self.schemaVersion, forKey: .schemaVersion)
        try container.encode(id, forKey: .id)
        try container.encode(sequence, forKey: .sequence)
        try container.encode(time, forKey: .time)
        try container.encode(Self.source, forKey: .source)
        try container.encode(host, forKey: .host)
        try container.encode(detail.type, forKey: .detailType)
        try container.encode(detail, forKey: .detail)
    }
}
