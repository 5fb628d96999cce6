import LinuxSystem
import SystemPackage

/// The encoding of the messages: lines of words, each word with everything but letters, digits and `._/:+-`
/// escaped as `%XX`. Small enough to write by hand, so that the guard needs no Foundation.
enum Wire {
    static func escape(_ text: String) -> String {
        if text.isEmpty { return "%" }
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "/"),
                UInt8(ascii: ":"), UInt8(ascii: "+"), UInt8(ascii: "-"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                result += "%" + (digits.count == 1 ? "0" + digits : digits)
            }
        }
        return result
    }

    static func unescape(_ word: Substring) -> String? {
        if word == "%" { return "" }
        var bytes: [UInt8] = []
        var rest = Array(word.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}

/// The words of one line, taken from the front.
struct Words {
    private var rest: ArraySlice<Substring>

    init(_ line: Substring) { rest = line.split(separator: " ")[...] }

    var isEmpty: Bool { rest.isEmpty }

    mutating func text() throws(WireError) -> String {
        guard let word = rest.popFirst(), let text = Wire.unescape(word) else { throw WireError() }
        return text
    }

    mutating func number<T: FixedWidthInteger>(_ type: T.Type = T.self) throws(WireError) -> T {
        guard let word = rest.popFirst(), let value = T(word) else { throw WireError() }
        return value
    }

    /// `0` or `1`.
    mutating func flag() throws(WireError) -> Bool {
        let value: Int = try number()
        guard value == 0 || value == 1 else { throw WireError() }
        return value == 1
    }

    mutating func device() throws(WireError) -> DeviceNumber {
        guard let device = DeviceNumber(try text()) else { throw WireError() }
        return device
    }
}

/// A message of another shape than agreed.
public struct WireError: Error, Sendable {}

extension GuardRequest {
    public func encoded() -> [UInt8] {
        let text =
            switch self {
            case .arm(let plan): "arm\n" + plan.lines.joined(separator: "\n")
            case .probe(let maxMs, let foreign): "probe \(maxMs) \(foreign ? 1 : 0)"
            case .lock(let maxMs): "lock \(maxMs)"
            case .unlock: "unlock"
            case .cut(let maxMs, let foreign, let ids):
                (["cut \(maxMs) \(foreign ? 1 : 0)"] + ids.map(String.init)).joined(separator: " ")
            case .hold(let maxMs): "hold \(maxMs)"
            case .release: "release"
            case .dismiss: "dismiss"
            }
        return Array(text.utf8)
    }

    public init(decoding bytes: some Collection<UInt8>) throws(WireError) {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw WireError() }
        let lines = text.split(separator: "\n")
        guard let first = lines.first else { throw WireError() }
        var words = Words(first)
        switch try words.text() {
        case "arm": self = .arm(try GuardPlan(lines: lines.dropFirst()))
        case "probe":
            let maxMs: UInt64 = try words.number()
            self = .probe(maxMs: maxMs, foreignFreezeAllowed: try words.flag())
        case "lock": self = .lock(maxMs: try words.number())
        case "unlock": self = .unlock
        case "cut":
            let maxMs: UInt64 = try words.number()
            let foreign = try words.flag()
            var ids: [UInt32] = []
            while !words.isEmpty { ids.append(try words.number()) }
            self = .cut(maxMs: maxMs, foreignFreezeAllowed: foreign, snapshotThinIDs: ids)
        case "hold": self = .hold(maxMs: try words.number())
        case "release": self = .release
        case "dismiss": self = .dismiss
        default: throw WireError()
        }
        guard words.isEmpty else { throw WireError() }
    }
}

extension GuardReply {
    public func encoded() -> [UInt8] {
        func line(_ word: String, _ failure: GuardFailure) -> String {
            "\(word) \(failure.step.rawValue) \(Wire.escape(failure.subject)) \(failure.code)"
        }
        let text =
            switch self {
            case .ok: "ok"
            case .failed(let failure): line("failed", failure)
            case .stuck(let failure): line("stuck", failure)
            }
        return Array(text.utf8)
    }

    public init(decoding bytes: some Collection<UInt8>) throws(WireError) {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw WireError() }
        var words = Words(text[...])
        let kind = try words.text()
        if kind == "ok" {
            self = .ok
            return
        }
        guard let step = GuardFailure.Step(rawValue: try words.number()) else { throw WireError() }
        let failure = GuardFailure(step, try words.text(), try words.number())
        switch kind {
        case "failed": self = .failed(failure)
        case "stuck": self = .stuck(failure)
        default: throw WireError()
        }
    }
}

extension GuardPlan {
    var lines: [String] {
        var lines = ["run \(Wire.escape(run)) \(Wire.escape(recordPath)) \(Wire.escape(workerLock))"]
        for item in fileSystems {
            lines.append(
                "fs \(Wire.escape(item.path)) \(item.mountID) \(item.device) \(item.level) \(Wire.escape(item.label))")
        }
        for item in volumes {
            lines.append(
                "volume \(item.device) \(Wire.escape(item.uuid)) \(item.fileSystem ?? -1) \(item.pool)"
                    + " \(item.originThinID) \(item.isOpen ? 1 : 0)")
        }
        for item in inactive { lines.append("inactive \(Wire.escape(item))") }
        for item in locks {
            lines.append(
                "lock \(Wire.escape(item.directory)) \(Wire.escape(item.volumeGroup)) \(item.auxiliary ? 1 : 0)")
        }
        return lines
    }

    init(lines: some Sequence<Substring>) throws(WireError) {
        self.init(run: "", recordPath: "", fileSystems: [], volumes: [], locks: [], workerLock: "")
        for line in lines {
            var words = Words(line)
            switch try words.text() {
            case "run":
                run = try words.text()
                recordPath = try words.text()
                workerLock = try words.text()
            case "fs":
                fileSystems.append(
                    FileSystem(
                        path: try words.text(), mountID: try words.number(), device: try words.device(),
                        level: try words.number(), label: try words.text()))
            case "volume":
                let device = try words.device()
                let uuid = try words.text()
                let index: Int = try words.number()
                volumes.append(
                    Volume(
                        device: device, uuid: uuid, fileSystem: index < 0 ? nil : index, pool: try words.device(),
                        originThinID: try words.number(), isOpen: try words.number(Int.self) == 1))
            case "inactive": inactive.append(try words.text())
            case "lock":
                locks.append(
                    GroupLock(
                        directory: try words.text(), volumeGroup: try words.text(),
                        auxiliary: try words.number(Int.self) == 1))
            default: throw WireError()
            }
            guard words.isEmpty else { throw WireError() }
        }
        guard !run.isEmpty, !recordPath.isEmpty, !workerLock.isEmpty,
            volumes.allSatisfy({ $0.fileSystem.map(fileSystems.indices.contains) ?? true })
        else { throw WireError() }
    }
}
