import Glibc
import SystemPackage
import Testing

@testable import LinuxSystem

/// Thin volumes of device-mapper without LVM, and what stands on them. Runs in the lab.
@Suite(
    .enabled(if: Host.hasLoops && Host.hasMapper, "needs root, loop devices and device-mapper with thin pools"),
    .serialized
)
struct RealMapperTests {
    private let scratch: Scratch
    /// Part of every mapped device's name.
    private let prefix: String
    private let volumes: [DeviceNumber]
    private var names: [String] { ["a", "b", "c"].map { prefix + $0 } }

    /// A pool of 1 GiB with three volumes of 300 MiB.
    init() throws {
        scratch = try Scratch()
        prefix = "sp-test-\(getpid())-"
        let metadata = try scratch.loop(try scratch.image("metadata", megabytes: 8))
        let data = try scratch.loop(try scratch.image("data", megabytes: 1024))
        let pool = prefix + "pool"
        _ = try Self.map(scratch, pool, "0 2097152 thin-pool \(metadata) \(data) 128 0")
        var volumes: [DeviceNumber] = []
        for (id, name) in ["a", "b", "c"].enumerated() {
            try Child.run("dmsetup", "message", pool, "0", "create_thin \(id)")
            volumes.append(try Self.map(scratch, prefix + name, "0 614400 thin /dev/mapper/\(pool) \(id)"))
        }
        self.volumes = volumes
    }

    /// Makes a mapped device with its node, and removes it at the end.
    @discardableResult
    private static func map(
        _ scratch: Scratch, _ name: String, _ table: String, uuid: String? = nil
    ) throws -> DeviceNumber {
        var words = ["create", name, "--table", table]
        if let uuid { words += ["--uuid", uuid] }
        let child = try Child("dmsetup", words)
        while let line = try child.line() { print(line) }
        try #require(child.finish() == 0)
        scratch.atEnd { _ = try? Child.run("dmsetup", "remove", "--retry", name) }
        let number = try Child.run(
            "dmsetup", "info", "-c", "--noheadings", "-o", "major,minor", "--separator", ":", name)
        return try #require(DeviceNumber(number))
    }

    @Test func namesLayersAndSuspension() throws {
        let crypt = try Self.map(
            scratch, prefix + "luks",
            "0 614400 crypt aes-cbc-plain \(String(repeating: "0", count: 32)) 0 /dev/mapper/\(names[0]) 0",
            uuid: "CRYPT-PLAIN-\(prefix)luks")
        let linear = try Self.map(
            scratch, prefix + "linear name", "0 1000 linear /dev/mapper/\(prefix)luks 0", uuid: "\(prefix)x")
        try Child.run("dmsetup", "suspend", names[1])
        scratch.atEnd { [names] in _ = try? Child.run("dmsetup", "resume", names[1]) }

        let topology = try BlockTopology.read()
        #expect(topology[volumes[1]]?.isSuspended == true)
        #expect(topology[volumes[0]]?.isSuspended == false)
        #expect(topology[volumes[0]]?.mapperName == names[0])
        #expect(topology[volumes[0]]?.sizeBytes == 614400 * 512)
        #expect(topology[volumes[0]]?.layer == .mapper)
        #expect(topology[volumes[0]]?.above == [crypt])
        #expect(topology[crypt]?.layer == .crypt)
        let stacks = topology.topDevices(of: volumes[0])
        #expect(stacks.map(\.top.number) == [linear])
        #expect(stacks.first?.layers.map(\.layer) == [.crypt, .mapper])
        // libdevmapper writes the blank as \x20, in sysfs and below /dev alike.
        let node = try #require(topology[linear]?.node)
        #expect(node == "/dev/mapper/\(prefix)linear\\x20name")
        #expect(DeviceNumber(ofNode: FilePath(node)) == linear)
        #expect(topology.allBelow(linear).contains(volumes[0]))
        try Child.run("dmsetup", "resume", names[1])
        #expect(try BlockTopology.read()[volumes[1]]?.isSuspended == false)
    }

    @Test func cryptOnAThinVolumeAndXFSBesideIt() throws {
        let crypt = try Self.map(
            scratch, prefix + "luks",
            "0 614400 crypt aes-cbc-plain \(String(repeating: "0", count: 32)) 0 /dev/mapper/\(names[0]) 0",
            uuid: "CRYPT-PLAIN-\(prefix)luks")
        try Child.run("mkfs.ext4", "-q", "-F", "/dev/mapper/\(prefix)luks")
        try Child.run("mkfs.xfs", "-q", "/dev/mapper/\(names[1])")
        let (first, second) = (try scratch.directory("first"), try scratch.directory("second"))
        try scratch.mount("/dev/mapper/\(prefix)luks", at: first, type: "ext4")
        try scratch.mount("/dev/mapper/\(names[1])", at: second, type: "xfs")
        let found = try FileSystemSurvey.read().fileSystems(on: Set(volumes))
        #expect(found.map(\.device) == [crypt, volumes[1]].sorted())
        #expect(found.first { $0.device == crypt }?.volumes == [volumes[0]])
        #expect(found.first { $0.device == volumes[1] }?.type == "xfs")
        #expect(found.allSatisfy { $0.outside.isEmpty && $0.level == 0 })
    }

    @Test(.enabled(if: Host.has("btrfs"), "needs btrfs in the kernel and mkfs.btrfs"))
    func btrfsOnTwoVolumesAfterARename() throws {
        let nodes = names.prefix(2).map { "/dev/mapper/" + $0 }
        try Child.run("mkfs.btrfs", "-q", nodes[0], nodes[1])
        try Child.run("btrfs", "device", "scan", nodes[0], nodes[1])
        let target = try scratch.directory("m")
        try scratch.mount(nodes[0], at: target, type: "btrfs")
        // Now the source in mountinfo is a name that another volume takes.
        try Child.run("dmsetup", "rename", names[0], prefix + "was-a")
        try Child.run("dmsetup", "rename", names[2], names[0])
        scratch.atEnd { [prefix, names] in
            _ = try? Child.run("dmsetup", "rename", names[0], names[2])
            _ = try? Child.run("dmsetup", "rename", prefix + "was-a", names[0])
        }
        let survey = try FileSystemSurvey.read()
        let source = survey.mounts.mounts.last { $0.mount.mountPoint == target }?.mount.source
        print("btrfs source after the rename: \(source ?? "none")")
        #expect(survey.fileSystems(on: [volumes[2]]).isEmpty)
        let found = survey.fileSystems(on: [volumes[0]])
        #expect(found.map(\.type) == ["btrfs"])
        #expect(found.first?.devices == volumes.prefix(2).sorted())
        #expect(found.first?.outside == [volumes[1]])
    }

    @Test(.enabled(if: Child.find("mdadm") != nil, "needs mdadm"))
    func raidOverTwoVolumes() throws {
        try Child.run(
            "mdadm", "--create", "/dev/md/" + prefix + "raid", "--run", "--level=1", "--raid-devices=2",
            "--metadata=1.2", "--assume-clean", "/dev/mapper/" + names[0], "/dev/mapper/" + names[1])
        // The link below /dev/md comes later, from udev.
        let topology = try BlockTopology.read()
        let number = try #require(topology.allAbove(volumes[0]).first)
        let array = try #require(topology[number]).node
        scratch.atEnd { _ = try? Child.run("mdadm", "--stop", array) }
        try Child.run("mkfs.ext4", "-q", "-F", array)
        let target = try scratch.directory("m")
        try scratch.mount(array, at: target, type: "ext4")
        let survey = try FileSystemSurvey.read()
        #expect(survey.topology[number]?.layer == .raid(level: "raid1"))
        #expect(survey.topology.topDevices(of: volumes[1]).map(\.top.number) == [number])
        #expect(survey.fileSystems(on: Set(volumes)).map(\.volumes) == [volumes.prefix(2).sorted()])
        #expect(survey.fileSystems(on: [volumes[0]]).map(\.outside) == [[volumes[1]]])
    }
}
