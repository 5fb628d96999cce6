import FoundationEssentials
import SetModel

/// Times in attributes: `2026-11-23T05:17:11Z`, and `@` with the seconds since 1970 where that form does not reach.
enum AttributeDate {
    /// Of the years 1 to 9999.
    private static let named: ClosedRange<Int64> = -62_135_596_800...253_402_300_799

    static func text(_ date: Date) -> String {
        let seconds = Int64(date.timeIntervalSince1970)
        let whole = Date(timeIntervalSince1970: Double(seconds))
        guard named.contains(seconds) else { return "@\(seconds)" }
        let text = whole.formatted(.iso8601)
        return self.date(text) == whole ? text : "@\(seconds)"
    }

    /// `nil` for what ``text(_:)`` does not write.
    static func date(_ text: String) -> Date? {
        if text.hasPrefix("@") {
            return Int64(text.dropFirst()).map { Date(timeIntervalSince1970: Double($0)) }
        }
        guard let date = try? Date(text, strategy: .iso8601), date.formatted(.iso8601) == text else { return nil }
        return date
    }
}

/// Tags in attributes: `KEY=VALUE`. A `=` in the key is `%3D`, and a `%` in it is `%25`.
struct AttributeTag {
    let key: String
    let value: String

    static func bytes(_ key: String, _ value: String) -> [UInt8] {
        var bytes: [UInt8] = []
        for byte in key.utf8 {
            switch byte {
            case UInt8(ascii: "="): bytes += "%3D".utf8
            case UInt8(ascii: "%"): bytes += "%25".utf8
            default: bytes.append(byte)
            }
        }
        bytes += "=".utf8
        bytes += value.utf8
        return bytes
    }

    /// `nil` for what ``bytes(_:_:)`` does not write. By bytes: a combining character may follow the `=`.
    init?(_ bytes: [UInt8]) {
        guard let equals = bytes.firstIndex(of: UInt8(ascii: "=")) else { return nil }
        var plain: [UInt8] = []
        var rest = bytes[..<equals]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                plain.append(byte)
                continue
            }
            switch String(decoding: rest.prefix(2), as: UTF8.self) {
            case "3D": plain.append(UInt8(ascii: "="))
            case "25": plain.append(UInt8(ascii: "%"))
            default: return nil
            }
            rest = rest.dropFirst(2)
        }
        guard let key = String(validating: plain, as: UTF8.self),
            let value = String(validating: bytes[(equals + 1)...], as: UTF8.self)
        else { return nil }
        self.key = key
        self.value = value
    }
}

/// Members and hooks in attributes: JSON in one line, its keys sorted.
enum AttributeJSON {
    static func bytes(_ value: some Encodable) throws(AttributeError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        do {
            return Array(try encoder.encode(value))
        } catch {
            throw AttributeError(String(describing: error))
        }
    }

    /// - Parameter key: of the attribute that has it.
    static func value<Value: Decodable>(_ bytes: [UInt8], _ key: String) throws(AttributeError) -> Value {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        do {
            return try decoder.decode(Value.self, from: Data(bytes))
        } catch {
            let kind = key.prefix { $0 != "." }
            throw AttributeError(key, "is not the JSON of a \(kind)")
        }
    }
}

/// A hook without what it wrote.
struct HookEntry: Codable {
    private let stage: HookStage
    private let attempt: Int
    private let name: String
    private let status: HookResult.Status
    private let exitCode: Int32?
    private let signal: Int32?
    private let durationMs: Double
    private let reason: String?

    init(_ result: HookResult) {
        stage = result.stage
        attempt = result.attempt
        name = result.name
        status = result.status
        exitCode = result.exitCode
        signal = result.signal
        durationMs = result.durationMs
        reason = result.reason
    }

    func result(_ texts: HookTexts) -> HookResult {
        HookResult(
            stage: stage, attempt: attempt, name: name, status: status, exitCode: exitCode, signal: signal,
            durationMs: durationMs, reason: reason, output: texts.output, errors: texts.errors)
    }
}

/// What a hook wrote.
struct HookTexts: Codable {
    let output: String
    let errors: String

    init(_ result: HookResult) {
        output = result.output
        errors = result.errors
    }
}
