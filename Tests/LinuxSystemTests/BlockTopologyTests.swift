import SystemPackage
import Testing

@testable import LinuxSystem

private let groupID = "abcdefABCDEFGHIJKLMNOPQRSTUVWXYZ"
private let volumeID = "0123456789012345678901234567890a"

struct BlockTopologyTests {
    /// A disk with a thin pool, and what can stand on its volumes.
    private func host() throws -> FakeSysfs {
        let sysfs = try FakeSysfs()
        try sysfs.add("vda", "254:0", sectors: 4096)
        try sysfs.add("vda1", "254:1", sectors: 1024, disk: "vda")
        try sysfs.addMapper(
            "dm-0", "253:0", called: "vg-pool-tpool", uuid: "LVM-\(groupID)\(volumeID)-tpool", on: ["vda1"])
        for (index, name) in ["a", "b", "c"].enumerated() {
            try sysfs.addMapper(
                "dm-\(index + 1)", "253:\(index + 1)", called: "vg-\(name)", uuid: "LVM-\(groupID)\(volumeID)",
                on: ["dm-0"])
        }
        return sysfs
    }

    @Test func readsADisk() throws {
        let topology = try host().read()
        let disk = try #require(topology["254:0"])
        #expect(disk.kernelName == "vda")
        #expect(disk.node == "/dev/vda")
        #expect(disk.layer == .disk)
        #expect(disk.sizeBytes == 4096 * 512)
        #expect(!disk.isReadOnly)
        #expect(disk.above == ["254:1"])
        #expect(disk.below == [])
        #expect(disk.mapperName == nil)
    }

    @Test func aPartitionStandsOnItsDisk() throws {
        let partition = try #require(try host().read()["254:1"])
        #expect(partition.layer == .partition)
        #expect(partition.below == ["254:0"])
        #expect(partition.above == ["253:0"])
        #expect(partition.sizeBytes == 1024 * 512)
    }

    @Test func aVolumeHasItsMapperNameAndItsIdentity() throws {
        let volume = try #require(try host().read()["253:1"])
        #expect(volume.node == "/dev/mapper/vg-a")
        #expect(volume.mapperName == "vg-a")
        #expect(volume.layer == .lvm)
        #expect(volume.logicalVolume?.volumeGroupUUID == "abcdef-ABCD-EFGH-IJKL-MNOP-QRST-UVWXYZ")
        #expect(volume.logicalVolume?.volumeUUID == "012345-6789-0123-4567-8901-2345-67890a")
        #expect(volume.logicalVolume?.part == nil)
    }

    @Test(arguments: [
        ("LVM-" + groupID + volumeID + "-tpool", "tpool"), ("LVM-" + groupID + volumeID + "-cow-x", "cow-x"),
    ])
    func aHiddenPartOfAVolumeIsNamed(uuid: String, part: String) {
        #expect(LogicalVolumeID(mapperUUID: uuid)?.part == part)
    }

    @Test(arguments: ["", "LVM-short", "CRYPT-LUKS2-" + groupID + volumeID, "LVM-" + groupID + volumeID + "x"])
    func otherMapperUUIDsAreNoVolumes(uuid: String) { #expect(LogicalVolumeID(mapperUUID: uuid) == nil) }

    @Test(arguments: [
        ("CRYPT-LUKS2-0123-luks", BlockLayer.crypt), ("CRYPT-PLAIN-x", .crypt), ("CRYPT-VERITY-x", .verity),
        ("CRYPT-INTEGRITY-x", .integrity), ("LVM-x", .lvm), ("mpath-3600", .multipath),
        ("part1-mpath-3600", .partition), ("partners", .mapper), ("", .mapper),
    ])
    func theMakerOfAMappedDeviceIsInItsUUID(uuid: String, layer: BlockLayer) {
        #expect(BlockLayer(mapperUUID: uuid) == layer)
    }

    @Test func cryptOnAThinVolume() throws {
        let sysfs = try host()
        try sysfs.addMapper(
            "dm-7", "253:7", called: "luks-a", uuid: "CRYPT-LUKS2-00-luks-a", on: ["dm-1"], suspended: true)
        let topology = try sysfs.read()
        let stacks = topology.topDevices(of: "253:1")
        #expect(stacks.map(\.top.number) == ["253:7"])
        #expect(stacks.first?.layers.map(\.layer) == [.crypt])
        #expect(stacks.first?.top.isSuspended == true)
        #expect(topology["253:1"]?.isSuspended == false)
        #expect(topology.allBelow("253:7") == ["253:0", "253:1", "254:0", "254:1"])
    }

    @Test func raidOverTwoVolumesIsTheTopOfBoth() throws {
        let sysfs = try host()
        try sysfs.add("md127", "9:127", on: ["dm-1", "dm-2"], ["md/level": "raid1"])
        try sysfs.add("md127p1", "259:0", disk: "md127")
        let topology = try sysfs.read()
        #expect(topology["9:127"]?.layer == .raid(level: "raid1"))
        #expect(topology["9:127"]?.below == ["253:1", "253:2"])
        for volume: DeviceNumber in ["253:1", "253:2"] {
            let stacks = topology.topDevices(of: volume)
            #expect(stacks.map(\.top.kernelName) == ["md127p1"])
            #expect(stacks.first?.layers.map(\.layer.description) == ["md raid1", "partition"])
        }
        #expect(topology.topDevices(of: "253:3").map(\.layers) == [[]])
        #expect(topology.topDevices(of: "253:3").map(\.top.number) == ["253:3"])
    }

    @Test func partitionsOfAVolumeAreItsTops() throws {
        let sysfs = try host()
        try sysfs.addMapper("dm-8", "253:8", called: "vg-a1", uuid: "part1-LVM-x", on: ["dm-1"])
        try sysfs.addMapper("dm-9", "253:9", called: "vg-a2", uuid: "part2-LVM-x", on: ["dm-1"])
        let stacks = try sysfs.read().topDevices(of: "253:1")
        #expect(stacks.map(\.top.number) == ["253:8", "253:9"])
        #expect(stacks.map { $0.layers.map(\.layer) } == [[.partition], [.partition]])
    }

    @Test func btrfsDevicesByUUID() throws {
        let sysfs = try host()
        try sysfs.addBtrfs("5f2a", ["dm-2", "dm-1", "missing"])
        #expect(try sysfs.read().btrfs == ["5f2a": ["253:1", "253:2"]])
    }

    @Test func aLoopDeviceHasItsFile() throws {
        let sysfs = try host()
        try sysfs.add("loop0", "7:0", ["loop/backing_file": "/srv/a b.img"])
        try sysfs.add("loop1", "7:1", sectors: 0)
        let topology = try sysfs.read()
        #expect(topology["7:0"]?.layer == .loop)
        #expect(topology["7:0"]?.backingFile == "/srv/a b.img")
        #expect(topology["7:1"]?.backingFile == nil)
    }

    @Test func namesWithASlash() throws {
        let sysfs = try FakeSysfs()
        try sysfs.add("cciss!c0d0", "104:0", node: "cciss/c0d0")
        try sysfs.add("cciss!c0d0p1", "104:1", disk: "cciss!c0d0", node: "cciss/c0d0p1")
        try sysfs.addMapper("dm-0", "253:0", called: "x", uuid: "", on: ["cciss!c0d0p1"])
        let topology = try sysfs.read()
        #expect(topology["104:1"]?.node == "/dev/cciss/c0d0p1")
        #expect(topology["104:1"]?.below == ["104:0"])
        #expect(topology["253:0"]?.below == ["104:1"])
        #expect(topology["253:0"]?.mapperUUID == nil)
    }

    @Test func swapDevicesAndSwapFiles() throws {
        let sysfs = try host()
        try sysfs.scratch.file(
            "proc/swaps",
            """
            Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority
            /dev/dm-3                               partition\t1048572\t\t0\t\t-2
            /srv/swap\\040file                      file\t\t1048572\t\t0\t\t-3

            """)
        let topology = try sysfs.read()
        #expect(topology.devices.values.filter(\.isSwap).map(\.number) == ["253:3"])
        #expect(topology.swapFiles == ["/srv/swap file"])
    }

    @Test func aDeviceIsFoundByItsNodes() throws {
        let topology = try host().read()
        #expect(topology.device(node: "/dev/mapper/vg-b")?.number == "253:2")
        #expect(topology.device(node: "/dev/dm-2")?.number == "253:2")
        #expect(topology.device(node: "/dev/vda1")?.number == "254:1")
        #expect(topology.device(node: "/dev/none") == nil)
        #expect(topology.device(named: "dm-2")?.number == "253:2")
    }

    @Test func aDeviceThatIsGoneHasNoTops() throws { #expect(try host().read().topDevices(of: "253:99").isEmpty) }

    @Test func withoutSysfsThereIsAnError() throws {
        let scratch = try Scratch()
        let missing = scratch.path.pushing("sys/dev/block")
        #expect(throws: SystemCallError("opendir", missing, .noSuchFileOrDirectory)) {
            try BlockTopology.read(root: scratch.path)
        }
    }

    @Test func readsThisHost() throws {
        let topology = try BlockTopology.read()
        let names = try SmallFiles.names("/sys/dev/block").compactMap { DeviceNumber($0) }
        #expect(Set(topology.devices.keys) == Set(names))
        #expect(topology.devices.values.allSatisfy { !$0.kernelName.isEmpty && $0.node.hasPrefix("/dev/") })
    }
}
