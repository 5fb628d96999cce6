import SystemPackage

@testable public import LinuxSystem

/// A tree that looks like / with /sys and /proc as far as ``BlockTopology/read(root:)`` looks.
final class FakeSysfs {
    let scratch: Scratch
    /// By kernel name, below the root.
    private var places: [String: String] = [:]
    var root: FilePath { scratch.path }

    init() throws {
        scratch = try Scratch()
        _ = try scratch.directory("sys/dev/block")
    }

    /// - Parameters:
    ///   - on: kernel names of devices that exist: gives both `slaves` here and `holders` there.
    ///   - attributes: files below the device's directory.
    func add(
        _ name: String, _ number: String, sectors: Int = 2048, disk: String? = nil, on slaves: [String] = [],
        node: String? = nil, _ attributes: [String: String] = [:]
    ) throws {
        let place = "sys/devices/block/" + (disk.map { $0 + "/" } ?? "") + name
        try scratch.file(place + "/size", "\(sectors)\n")
        try scratch.file(place + "/ro", "0\n")
        try scratch.file(place + "/uevent", "MAJOR=1\nDEVNAME=\(node ?? name)\nDEVTYPE=disk\n")
        if disk != nil { try scratch.file(place + "/partition", "1\n") }
        for (path, text) in attributes { try scratch.file(place + "/" + path, text + "\n") }
        try scratch.link("sys/dev/block/" + number, to: "../../" + place.dropFirst("sys/".count))
        places[name] = place
        // What these links lead to is not looked at.
        for slave in slaves {
            try scratch.link(place + "/slaves/" + slave, to: "elsewhere")
            try scratch.link((places[slave] ?? "missing") + "/holders/" + name, to: "elsewhere")
        }
    }

    func addMapper(
        _ name: String, _ number: String, called mapper: String, uuid: String, on slaves: [String] = [],
        suspended: Bool = false
    ) throws {
        try add(
            name, number, on: slaves,
            ["dm/name": mapper, "dm/uuid": uuid, "dm/suspended": suspended ? "1" : "0"])
    }

    func addBtrfs(_ uuid: String, _ members: [String]) throws {
        for member in members { try scratch.link("sys/fs/btrfs/\(uuid)/devices/" + member, to: "elsewhere") }
        _ = try scratch.directory("sys/fs/btrfs/features")
    }

    func read() throws -> BlockTopology { try BlockTopology.read(root: root) }
}

extension DeviceNumber: ExpressibleByStringLiteral {
    /// Only for literals of tests.
    public init(stringLiteral text: String) { self = DeviceNumber(text) ?? DeviceNumber(major: .max, minor: .max) }
}
