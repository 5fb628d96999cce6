import Events
import FoundationEssentials

extension JSON {
    /// An event as the log, the journal and the sinks have it, with its keys in alphabetical order.
    init(event: Event) throws {
        self = try JSONDecoder().decode(DecodedJSON.self, from: Data(event.json())).value
    }
}

/// Any JSON.
private struct DecodedJSON: Decodable {
    let value: JSON

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) {
            return nil
        }
    }

    init(from decoder: any Decoder) throws {
        if let object = try? decoder.container(keyedBy: Key.self) {
            let keys = object.allKeys.sorted { $0.stringValue < $1.stringValue }
            value = .object(
                try keys.map { key in
                    (key: key.stringValue, value: try object.decode(DecodedJSON.self, forKey: key).value)
                })
        } else if var array = try? decoder.unkeyedContainer() {
            var values: [JSON] = []
            while !array.isAtEnd { values.append(try array.decode(DecodedJSON.self).value) }
            value = .array(values)
        } else {
            value = try Self.single(try decoder.singleValueContainer())
        }
    }

    private static func single(_ container: any SingleValueDecodingContainer) throws -> JSON {
        if container.decodeNil() { return .null }
        if let truth = try? container.decode(Bool.self) { return .bool(truth) }
        if let number = try? container.decode(UInt64.self) { return .unsigned(number) }
        if let number = try? container.decode(Int64.self) { return .integer(number) }
        if let number = try? container.decode(Double.self) { return .number(number) }
        return .string(try container.decode(String.self))
    }
}
