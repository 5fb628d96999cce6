/// A tag that people, policies and volumes give a set.
public enum SetTag {
    /// The most that a set may have, and the longest key and value in Unicode scalars: DLM's limits.
    public static let most = 45
    public static let longestKey = 128
    public static let longestValue = 256
    /// What LVM's tag begins with that holds it.
    public static let prefix = "stillpoint.tag."

    /// What selections know system tags by: stillpoint.policy, stillpoint.schedule, ...
    public static let reserved = "stillpoint."

    /// Why no set can have it, as a sentence about it; `nil` when one can.
    public static func problem(_ key: String, _ value: String) -> String? {
        if key.isEmpty { return "its key is empty" }
        if key.unicodeScalars.contains("=") { return "its key has = in it" }
        if key.hasPrefix(reserved) { return "keys that begin with \(reserved) are Stillpoint's own" }
        if (key + value).unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
            return "it contains a control character"
        }
        if key.unicodeScalars.count > longestKey { return "its key is longer than \(longestKey) characters" }
        if value.unicodeScalars.count > longestValue { return "its value is longer than \(longestValue) characters" }
        guard length(key, value) <= VolumeTag.maximumLength else {
            return "it is \(length(key, value)) bytes long as LVM writes it, \(VolumeTag.maximumLength) at most"
        }
        return nil
    }

    /// What stands before and behind the first `=`; `nil` behind where there is none. Not by characters: to Swift, `=`
    /// and a combining mark behind it are one, and not `=`.
    public static func parts(_ text: String) -> (key: String, value: String?) {
        let scalars = text.unicodeScalars
        guard let separator = scalars.firstIndex(of: "=") else { return (text, nil) }
        return (String(scalars[..<separator]), String(scalars[scalars.index(after: separator)...]))
    }

    /// How long it is in LVM, in bytes.
    public static func length(_ key: String, _ value: String) -> Int {
        prefix.utf8.count + VolumeTag.encodedLength(key) + 1 + VolumeTag.encodedLength(value)
    }
}
