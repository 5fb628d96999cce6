import CDeviceMapper
import Glibc
public import LinuxSystem

/// dm-crypt mappings. Keys stay in memory that is wiped, and never become a string of Swift's.
public enum CryptMapping {
    /// Why a mapping could not be made like another one.
    public enum Obstacle: Error, Sendable, Equatable, CustomStringConvertible {
        /// The table names a key in the kernel's keyring, which the kernel gives to nobody.
        case keyInKeyring
        /// Not one crypt target: a device that is being encrypted anew, or with another layer.
        case otherTable

        /// Finishes "the key cannot be used: ...".
        public var description: String {
            switch self {
            case .keyInKeyring: "the key is in the kernel's keyring, which gives it to nobody"
            case .otherTable: "the table of the mapping is not a single crypt target"
            }
        }
    }

    /// Maps another device as a running mapping maps its own: same cipher, key and offset.
    ///
    /// - Parameters:
    ///   - sectors: the size of `device`; the mapping reaches to its end.
    /// - Throws: ``Obstacle``, ``DeviceMapperError``.
    public static func create(
        name: String, uuid: String, like mapping: DeviceNumber, over device: DeviceNumber, sectors: UInt64,
        readOnly: Bool
    ) throws {
        let address = DeviceAddress.number(mapping)
        let task = try DeviceTask.make(.table, "table", address)
        // libdevmapper and the kernel wipe what they copy.
        try task.set(dm_task_secure_data(task.handle), address)
        try task.run(on: address)
        var start: UInt64 = 0
        var length: UInt64 = 0
        var kind: UnsafeMutablePointer<CChar>?
        var parameters: UnsafeMutablePointer<CChar>?
        let more = dm_get_next_target(task.handle, nil, &start, &length, &kind, &parameters)
        guard more == nil, start == 0, let kind, strcmp(kind, "crypt") == 0, let parameters else {
            throw Obstacle.otherTable
        }
        let table = try Table(parameters)
        guard !table.hasKeyInKeyring else { throw Obstacle.keyInKeyring }
        guard table.offset < sectors else { throw Obstacle.otherTable }
        // cryptsetup's own granularity is a page, whatever the sector size of the encryption is.
        let room = (sectors - table.offset) & ~7
        let creation = try DeviceTask.make(.create, "create", .name(name))
        try creation.set(dm_task_secure_data(creation.handle), .name(name))
        try creation.set(dm_task_set_uuid(creation.handle, uuid), .name(name))
        if readOnly { try creation.set(dm_task_set_ro(creation.handle), .name(name)) }
        let text = table.over(device)
        defer { text.wipe() }
        try creation.set(
            dm_task_add_target(creation.handle, 0, room, "crypt", text.characters), .name(name))
        try Devices.withCookie(creation, .name(name))
    }

    /// `<cipher> <key> <IV offset> <device> <offset> [<count> <option>...]` (admin-guide/device-mapper/dm-crypt.rst),
    /// as libdevmapper holds it.
    private struct Table {
        private let text: UnsafeMutablePointer<CChar>
        private let length: Int
        /// Where each field begins.
        private var fields: [Int] = []
        let offset: UInt64

        init(_ text: UnsafeMutablePointer<CChar>) throws(Obstacle) {
            self.text = text
            length = strlen(text)
            var isBlank = true
            for index in 0..<length {
                if isBlank && text[index] != Self.blank { fields.append(index) }
                isBlank = text[index] == Self.blank
            }
            guard fields.count >= 5, let offset = UInt64(String(cString: text + fields[4]).prefix { $0 != " " }) else {
                throw .otherTable
            }
            self.offset = offset
        }

        private static let blank = CChar(bitPattern: UInt8(ascii: " "))

        var hasKeyInKeyring: Bool { text[fields[1]] == CChar(bitPattern: UInt8(ascii: ":")) }

        /// The same table with another device.
        func over(_ device: DeviceNumber) -> SecretText {
            let name = device.description
            let rest = fields[4] - 1
            let size = fields[3] + name.utf8.count + length - rest + 1
            let copy = SecretText(size)
            memcpy(copy.characters, text, fields[3])
            _ = name.withCString { memcpy(copy.characters + fields[3], $0, name.utf8.count) }
            memcpy(copy.characters + fields[3] + name.utf8.count, text + rest, length - rest + 1)
            return copy
        }
    }

    /// Memory for a key.
    private struct SecretText {
        let characters: UnsafeMutablePointer<CChar>
        private let size: Int

        init(_ size: Int) {
            self.size = size
            characters = .allocate(capacity: size)
        }

        func wipe() {
            explicit_bzero(characters, size)
            characters.deallocate()
        }
    }
}
