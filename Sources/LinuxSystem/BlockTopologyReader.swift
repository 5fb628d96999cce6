import CLinux
import Glibc
public import SystemPackage

extension BlockTopology {
    /// Reads /sys/dev/block, /sys/fs/btrfs and /proc/swaps below `root` (Documentation/ABI/stable/sysfs-block).
    ///
    /// Devices that go away meanwhile are left out. Loop devices are asked for the device of their file
    /// (LOOP_GET_STATUS64) when `root` is `/`.
    ///
    /// - Throws: ``SystemCallError`` when sysfs cannot be read.
    public static func read(root: FilePath = "/") throws(SystemCallError) -> BlockTopology {
        let sysfs = root.appending("sys")
        let directory = sysfs.appending("dev").appending("block")
        var raw: [RawDevice] = []
        for name in try SmallFiles.names(directory) {
            guard let number = DeviceNumber(name), let device = try RawDevice(number, directory.appending(name)) else {
                continue
            }
            raw.append(device)
        }
        let numbers = Dictionary(raw.map { ($0.name, $0.number) }, uniquingKeysWith: { first, _ in first })
        var devices = raw.map { $0.device(numbers) }
        if root == "/" {
            for index in devices.indices where devices[index].layer == .loop && devices[index].backingFile != nil {
                devices[index].backingDevice = loopFileDevice(devices[index].node)
            }
        }

        var btrfs: [String: [DeviceNumber]] = [:]
        let fileSystems = sysfs.appending("fs").appending("btrfs")
        for uuid in try SmallFiles.namesIfPresent(fileSystems) {
            let members = try SmallFiles.namesIfPresent(fileSystems.appending(uuid).appending("devices"))
            if !members.isEmpty { btrfs[uuid] = members.compactMap { numbers[$0] }.sorted() }
        }

        var topology = BlockTopology(devices, btrfs: btrfs)
        try topology.markSwaps(SmallFiles.textIfPresent(root.appending("proc").appending("swaps")) ?? "")
        return topology
    }

    /// `Filename Type Size Used Priority`, the name escaped (mm/swapfile.c, swap_show).
    private mutating func markSwaps(_ text: String) {
        for line in text.split(separator: "\n").dropFirst() {
            let fields = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            guard fields.count >= 2 else { continue }
            let path = String(decoding: KernelText.unescape(fields[0].utf8), as: UTF8.self)
            if fields[1] == "file" {
                swapFiles.append(path)
            } else if let number = device(node: path)?.number ?? DeviceNumber(ofNode: FilePath(path)) {
                markSwap(number)
            }
        }
    }

    private static func loopFileDevice(_ node: String) -> DeviceNumber? {
        guard
            let descriptor = try? FileDescriptor.open(node, .readOnly, options: [.closeOnExec, .nonBlocking])
        else { return nil }
        defer { try? descriptor.close() }
        var device = DeviceNumber(major: 0, minor: 0)
        var inode: UInt64 = 0
        return sp_loop_file(descriptor.rawValue, &device.major, &device.minor, &inode) == 0 ? device : nil
    }
}

extension DeviceNumber {
    /// `st_rdev` of a block device's node, links followed (stat(2)); `nil` when there is no such block device.
    public init?(ofNode path: FilePath) {
        var status = stat()
        guard path.withPlatformString({ stat($0, &status) }) == 0, status.st_mode & S_IFMT == S_IFBLK else {
            return nil
        }
        self.init(UInt64(status.st_rdev))
    }
}

/// One directory below /sys/dev/block, before names become numbers.
private struct RawDevice {
    var number: DeviceNumber
    var name: String
    var parent: String?
    var slaves: [String]
    var holders: [String]
    var uevent: [Substring: Substring] = [:]
    var attributes: [String: String] = [:]

    /// `nil` when the device has gone.
    init?(_ number: DeviceNumber, _ directory: FilePath) throws(SystemCallError) {
        self.number = number
        // ../../devices/.../block/sda/sda1: a partition's directory lies in its disk's.
        guard let link = SmallFiles.link(directory), let name = link.lastComponent?.string else { return nil }
        self.name = name
        slaves = try SmallFiles.namesIfPresent(directory.appending("slaves"))
        holders = try SmallFiles.namesIfPresent(directory.appending("holders"))
        for attribute in [
            "ro", "size", "uevent", "partition", "dm/name", "dm/uuid", "dm/suspended", "md/level", "loop/backing_file",
        ] {
            do {
                attributes[attribute] = try SmallFiles.textIfPresent(directory.pushing(FilePath(attribute)))
            } catch let error where error.errno == .invalidArgument {
                // A mapped device that is being removed (drivers/md/dm-sysfs.c, dm_attr_show).
                return nil
            }
        }
        guard let size = attributes["size"], UInt64(size) != nil else { return nil }
        for line in (attributes["uevent"] ?? "").split(separator: "\n") {
            let pair = line.split(separator: "=", maxSplits: 1)
            if pair.count == 2 { uevent[pair[0]] = pair[1] }
        }
        if attributes["partition"] != nil { parent = link.removingLastComponent().lastComponent?.string }
    }

    func device(_ numbers: [String: DeviceNumber]) -> BlockDevice {
        let mapperName = attributes["dm/name"]
        let mapperUUID = attributes["dm/uuid"]
        let layer: BlockLayer =
            if mapperName != nil {
                BlockLayer(mapperUUID: mapperUUID ?? "")
            } else if parent != nil {
                .partition
            } else if let level = attributes["md/level"] {
                .raid(level: level)
            } else if name.hasPrefix("loop") {
                .loop
            } else if name.hasPrefix("bcache") {
                .bcache
            } else {
                .disk
            }
        // sysfs writes `!` for the `/` in a name.
        let node = uevent["DEVNAME"].map(String.init) ?? name.split(separator: "!").joined(separator: "/")
        return BlockDevice(
            number: number, kernelName: name, node: mapperName.map { "/dev/mapper/" + $0 } ?? "/dev/" + node,
            layer: layer,
            // Always in units of 512 bytes.
            sizeBytes: (UInt64(attributes["size"] ?? "") ?? 0) * 512, isReadOnly: attributes["ro"] == "1",
            below: (slaves + (parent.map { [$0] } ?? [])).compactMap { numbers[$0] },
            above: holders.compactMap { numbers[$0] }, mapperName: mapperName,
            mapperUUID: mapperUUID.flatMap { $0.isEmpty ? nil : $0 }, isSuspended: attributes["dm/suspended"] == "1",
            backingFile: attributes["loop/backing_file"])
    }
}
