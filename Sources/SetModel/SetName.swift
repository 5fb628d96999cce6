public import FoundationEssentials

/// The names of sets and of their snapshots.
public enum SetName {
    /// Longest set name, in bytes: it has to fit into an LVM tag and into a path.
    public static let maximumLength = 64
    /// LVM's longest name of a logical volume, in bytes (`NAME_LEN` - 1, lib/metadata/metadata-exported.h).
    public static let maximumVolumeLength = 127

    /// Letters, digits and `. _ - +`, not starting with `.` or `-`, at most ``maximumLength`` bytes.
    public static func isValid(_ name: String) -> Bool {
        guard let first = name.utf8.first, name.utf8.count <= maximumLength else { return false }
        guard first != UInt8(ascii: "."), first != UInt8(ascii: "-") else { return false }
        return name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"),
                UInt8(ascii: "+"):
                true
            default: false
            }
        }
    }

    /// `20261123T051711Z`: UTC, to the second, without characters that LVM refuses in a name.
    public static func timestamp(_ date: Date) -> String {
        let parts = Calendar.utc.dateComponents([.year, .month, .day, .hour, .minute, .second], from: date)
        func pad(_ value: Int?, _ width: Int) -> String {
            let digits = String(value ?? 0)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        return pad(parts.year, 4) + pad(parts.month, 2) + pad(parts.day, 2) + "T" + pad(parts.hour, 2)
            + pad(parts.minute, 2) + pad(parts.second, 2) + "Z"
    }

    /// A new id: 32 lower-case hexadecimal digits.
    public static func drawID() -> String { UUID().uuidString.lowercased().filter { $0 != "-" } }

    /// What ``drawID()`` draws. Ids become the names of files: one that comes from elsewhere has to be such a one.
    public static func isID(_ text: String) -> Bool {
        text.utf8.count == 32
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): true
                default: false
                }
            }
    }

    /// The name of a set that was given none: its time and the first four digits of its id.
    public static func automatic(id: String, at date: Date) -> String {
        timestamp(date) + "-" + id.prefix(4)
    }

    /// `<lv>_sp_<UTC time>_<4 hex>`.
    public static func snapshot(of volume: String, id: String, at date: Date) -> String {
        volume + "_sp_" + timestamp(date) + "_" + id.prefix(4)
    }
}

extension Calendar {
    /// Gregorian, UTC: independent of the host's zone and locale.
    static var utc: Calendar {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        return calendar
    }
}
