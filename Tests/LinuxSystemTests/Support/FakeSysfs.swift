import SystemPackage

@testable import LinuxSystem

/// A tree that looks like / with /sys and /proc as far as ``BlockTopology/read(root:)`` looks.
struct FakeSysfs {
    let scratch: Scratch
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
        try link("../../../" + place.dropFirst(4).description, "sys/dev/block/" + number, prefix: "../../")
        for slave in slaves {
            try link("x/" + slave, place + "/slaves/" + slave)
            let below = try Child.run(
                "find", root.appending("sys").appending("devices").string, "-type", "d", "-name", slave)
            try link("x/" + name, String(below.dropFirst(root.string.utf8.count + 1)) + "/holders/" + name)
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
        for member in members { try link("x/" + member, "sys/fs/btrfs/\(uuid)/devices/" + member) }
        _ = try scratch.directory("sys/fs/btrfs/features")
    }

    func read() throws -> BlockTopology { try BlockTopology.read(root: root) }

    private func link(_ target: String, _ path: String, prefix: String? = nil) throws {
        let file = root.pushing(FilePath(path))
        try Child.run("mkdir", "-p", file.removingLastComponent().string)
        let text = prefix.map { $0 + target.split(separator: "/").drop { $0 == ".." }.joined(separator: "/") } ?? target
        try Child.run("ln", "-s", text, file.string)
    }
}

extension DeviceNumber: ExpressibleByStringLiteral {
    /// Only for literals of tests.
    public init(stringLiteral text: String) { self = DeviceNumber(text) ?? DeviceNumber(major: .max, minor: .max) }
}
