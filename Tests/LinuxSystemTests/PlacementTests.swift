import SystemPackage
import Testing

@testable import LinuxSystem

/// Which file systems stand on which volumes: 253:1, 253:2 and 253:3 are thin volumes on one pool.
struct PlacementTests {
    private static let a: DeviceNumber = "253:1"
    private static let b: DeviceNumber = "253:2"
    private static let c: DeviceNumber = "253:3"

    private func topology(_ more: [BlockDevice] = [], btrfs: [String: [DeviceNumber]] = [:]) -> BlockTopology {
        let volumes = ["a", "b", "c"].enumerated().map { index, name in
            BlockDevice(
                number: DeviceNumber(major: 253, minor: UInt32(index + 1)), kernelName: "dm-\(index + 1)",
                node: "/dev/mapper/vg-\(name)", layer: .lvm, below: ["253:0"])
        }
        let disk = BlockDevice(number: "254:0", kernelName: "vda", node: "/dev/vda", layer: .disk)
        let pool = BlockDevice(
            number: "253:0", kernelName: "dm-0", node: "/dev/mapper/vg-pool-tpool", layer: .lvm, below: ["254:0"])
        return BlockTopology([disk, pool] + volumes + more, btrfs: btrfs)
    }

    private func device(
        _ number: DeviceNumber, _ name: String, on below: [DeviceNumber] = [], file: String? = nil,
        fileOn: DeviceNumber? = nil
    ) -> BlockDevice {
        BlockDevice(
            number: number, kernelName: name, node: "/dev/" + name, layer: file == nil ? .mapper : .loop, below: below,
            backingFile: file, backingDevice: fileOn)
    }

    /// Lines of `ID DEVICE MOUNTPOINT TYPE SOURCE [SUPEROPTIONS]`.
    private func mounts(_ lines: String..., process: Int32? = nil) throws -> [NamespacedMount] {
        let text = lines.map { line in
            let fields = line.split(separator: " ")
            return
                "\(fields[0]) 1 \(fields[1]) / \(fields[2]) rw - \(fields[3]) \(fields[4]) \(fields.count > 5 ? fields[5] : "rw")\n"
        }
        return try MountTable.parse(text.joined().utf8).map { NamespacedMount($0, process: process) }
    }

    @Test func findsTheFileSystemOfAVolumeAndNoOther() throws {
        let found = topology().fileSystems(
            on: [Self.a],
            mounts: try mounts(
                "20 254:0 / ext4 /dev/vda", "21 253:1 /a ext4 /dev/mapper/vg-a", "22 253:2 /b xfs /dev/mapper/vg-b",
                "23 0:5 /proc proc proc"))
        #expect(found.map(\.device) == [Self.a])
        #expect(found.first?.type == "ext4")
        #expect(found.first?.devices == [Self.a])
        #expect(found.first?.volumes == [Self.a])
        #expect(found.first?.outside == [])
        #expect(found.first?.level == 0)
    }

    @Test func aSuperblockAppearsOnceWithAllItsMounts() throws {
        let own = try mounts("21 253:1 /a ext4 /dev/mapper/vg-a", "22 253:1 /again ext4 /dev/mapper/vg-a")
        let other = try mounts("41 253:1 /x ext4 /dev/mapper/vg-a", process: 77)
        let found = topology().fileSystems(on: [Self.a], mounts: own + other)
        #expect(found.count == 1)
        #expect(found.first?.mounts.map(\.mount.id) == [21, 22, 41])
        #expect(found.first?.mounts.map(\.path) == ["/a", "/again", "/proc/77/root/x"])
    }

    @Test func aFileSystemThatOnlyAnotherNamespaceMountsIsFound() throws {
        let found = topology().fileSystems(
            on: [Self.a], mounts: try mounts("41 253:1 /x ext4 /dev/mapper/vg-a", process: 77))
        #expect(found.map { $0.mounts.map(\.process) } == [[77]])
    }

    @Test func throughCrypt() throws {
        let topology = topology([device("253:9", "dm-9", on: [Self.a])])
        let found = topology.fileSystems(on: [Self.a], mounts: try mounts("21 253:9 /a xfs /dev/mapper/luks"))
        #expect(found.map(\.volumes) == [[Self.a]])
        #expect(found.map(\.devices) == [["253:9"]])
        #expect(found.map(\.outside) == [[]])
    }

    @Test func throughRaidOverTwoVolumes() throws {
        let topology = topology([device("9:0", "md0", on: [Self.a, Self.b])])
        let table = try mounts("21 9:0 /a xfs /dev/md0")
        #expect(topology.fileSystems(on: [Self.a, Self.b], mounts: table).map(\.volumes) == [[Self.a, Self.b]])
        #expect(topology.fileSystems(on: [Self.a, Self.b], mounts: table).map(\.outside) == [[]])
        // One half is not asked for: a snapshot of the other is not the file system.
        #expect(topology.fileSystems(on: [Self.a], mounts: table).map(\.outside) == [[Self.b]])
    }

    @Test func btrfsOverTwoVolumesByItsUUID() throws {
        let topology = topology(btrfs: ["u1": [Self.a, Self.b], "u2": [Self.c]])
        // The source names a device that was renamed since: the UUID counts.
        let table = try mounts(
            "21 0:40 /a btrfs /dev/mapper/vg-c", "22 0:40 /sub btrfs /dev/mapper/vg-c",
            "23 0:41 /c btrfs /dev/mapper/vg-c")
        let uuids: [DeviceNumber: String] = ["0:40": "u1", "0:41": "u2"]
        let found = topology.fileSystems(on: [Self.a], mounts: table, btrfsUUIDs: uuids)
        #expect(found.map(\.device) == ["0:40"])
        #expect(found.first?.mounts.count == 2)
        #expect(found.first?.devices == [Self.a, Self.b])
        #expect(found.first?.volumes == [Self.a])
        #expect(found.first?.outside == [Self.b])
        #expect(topology.fileSystems(on: [Self.c], mounts: table, btrfsUUIDs: uuids).map(\.device) == ["0:41"])
    }

    @Test func btrfsByItsSourceWhenItsUUIDIsNotKnown() throws {
        let topology = topology(btrfs: ["u1": [Self.a, Self.b]])
        let found = topology.fileSystems(on: [Self.a, Self.b], mounts: try mounts("21 0:40 /a btrfs /dev/dm-2"))
        #expect(found.map(\.devices) == [[Self.a, Self.b]])
        // Not even sysfs lists it: the one device that is named.
        let alone = self.topology().fileSystems(on: [Self.b], mounts: try mounts("21 0:40 /a btrfs /dev/vg/b")) {
            $0 == "/dev/vg/b" ? Self.b : nil
        }
        #expect(alone.map(\.devices) == [[Self.b]])
    }

    @Test func theLogAndTheRealtimeDeviceOfXFS() throws {
        let table = try mounts(
            "21 253:1 /a xfs /dev/mapper/vg-a rw,logdev=/dev/mapper/vg-b,rtdev=/dev/vda,noquota",
            "22 253:3 /c ext4 /dev/mapper/vg-c rw,logdev=/dev/mapper/vg-b")
        let found = topology().fileSystems(on: [Self.b], mounts: table)
        #expect(found.map(\.device) == [Self.a])
        #expect(found.first?.devices == [Self.a, Self.b, "254:0"])
        #expect(found.first?.volumes == [Self.b])
        #expect(found.first?.outside == [Self.a, "254:0"])
    }

    @Test func aLoopDeviceOnAMemberIsAboveIt() throws {
        // /a holds an image, mounted on /upper, which holds another, mounted on /top.
        let topology = topology([
            device("7:0", "loop0", file: "/a/image", fileOn: Self.a),
            device("7:1", "loop1", file: "/moved/image", fileOn: "7:0"),
        ])
        let found = topology.fileSystems(
            on: [Self.a, Self.b],
            mounts: try mounts(
                "20 254:0 / ext4 /dev/vda", "21 253:1 /a ext4 /dev/mapper/vg-a", "22 7:0 /upper xfs /dev/loop0",
                "23 7:1 /top ext4 /dev/loop1", "24 253:2 /b ext4 /dev/mapper/vg-b"))
        #expect(found.map(\.device) == ["7:1", "7:0", Self.a, Self.b])
        #expect(found.map(\.level) == [2, 1, 0, 0])
        #expect(found.map(\.standsOn) == [["7:0", Self.a], [Self.a], [], []])
        #expect(found.map(\.volumes) == [[Self.a], [Self.a], [Self.a], [Self.b]])
        #expect(found.allSatisfy { $0.outside.isEmpty })
    }

    @Test func aLoopDeviceWhoseFileLiesElsewhereIsOnNoVolume() throws {
        let topology = topology([device("7:0", "loop0", file: "/a/image", fileOn: "254:0")])
        let found = topology.fileSystems(
            on: [Self.a],
            mounts: try mounts(
                "20 254:0 / ext4 /dev/vda", "21 253:1 /a ext4 /dev/mapper/vg-a", "22 7:0 /upper xfs /dev/loop0"))
        #expect(found.map(\.device) == [Self.a])
    }

    @Test func aLoopFileOnBtrfsIsFoundByItsPath() throws {
        // 0:57 is the number of the subvolume that the file is in, which no mount shows.
        let topology = topology(
            [device("7:0", "loop0", file: "/a/sub/image", fileOn: "0:57")], btrfs: ["u": [Self.a]])
        let found = topology.fileSystems(
            on: [Self.a],
            mounts: try mounts(
                "20 254:0 / ext4 /dev/vda", "21 253:2 /a ext4 /dev/mapper/vg-b", "22 0:40 /a btrfs /dev/dm-1",
                "23 253:3 /a/su ext4 /dev/mapper/vg-c", "24 7:0 /upper xfs /dev/loop0"),
            btrfsUUIDs: ["0:40": "u"])
        #expect(found.map(\.device) == ["7:0", "0:40"])
        #expect(found.map(\.level) == [1, 0])
    }

    @Test func aLoopFileOnAnOverlayIsFollowedToTheUpperDirectory() throws {
        let topology = topology([device("7:0", "loop0", file: "/merged/image", fileOn: "0:50")])
        let found = topology.fileSystems(
            on: [Self.a],
            mounts: try mounts(
                "20 254:0 / ext4 /dev/vda", "21 253:1 /a ext4 /dev/mapper/vg-a",
                "22 0:50 /merged overlay overlay rw,lowerdir=/l,upperdir=/a/up,workdir=/a/work",
                "23 7:0 /upper xfs /dev/loop0"))
        #expect(found.map(\.device) == ["7:0", Self.a])
        #expect(found.map(\.level) == [1, 0])
        #expect(found.first?.standsOn == [Self.a])
        #expect(found.first?.outside == [])
    }

    @Test func aLoopOfFileSystemsEnds() throws {
        // Cannot be made, but a table read while mounts change could say so.
        let topology = topology([
            device("7:0", "loop0", on: [Self.a], file: "/y/image", fileOn: "7:1"),
            device("7:1", "loop1", file: "/x/image", fileOn: "7:0"),
        ])
        let found = topology.fileSystems(
            on: [Self.a], mounts: try mounts("21 7:0 /x ext4 /dev/loop0", "22 7:1 /y ext4 /dev/loop1"))
        #expect(Set(found.map(\.device)) == ["7:0", "7:1"])
    }

    @Test func fileSystemsWithoutADeviceAreOnNoVolume() throws {
        let found = topology().fileSystems(
            on: [Self.a],
            mounts: try mounts(
                "21 0:50 /t tmpfs /dev/mapper/vg-a", "22 0:51 /o overlay /dev/mapper/vg-a", "23 0:52 /n nfs4 host:/a"))
        #expect(found.isEmpty)
    }

    @Test func aVolumeOnAVolumeIsOnBoth() throws {
        // An LVM inside of one of the volumes.
        let topology = topology([device("253:20", "dm-20", on: [Self.a])])
        let found = topology.fileSystems(
            on: [Self.a, "253:20"], mounts: try mounts("21 253:20 /in ext4 /dev/mapper/inner-x"))
        #expect(found.map(\.volumes) == [[Self.a, "253:20"]])
        #expect(found.map(\.outside) == [[]])
    }

    @Test func levelsOfAFileSystemWhoseHostIsNotOnTheVolumesAreCountedWithoutIt() throws {
        // md over a volume and a loop device whose file lies on the root file system.
        let topology = topology([
            device("7:0", "loop0", file: "/image", fileOn: "254:0"), device("9:0", "md0", on: ["7:0", Self.a]),
        ])
        let found = topology.fileSystems(
            on: [Self.a], mounts: try mounts("20 254:0 / ext4 /dev/vda", "21 9:0 /m ext4 /dev/md0"))
        #expect(found.map(\.level) == [0])
        #expect(found.map(\.standsOn) == [[]])
        #expect(found.map(\.outside) == [["7:0"]])
    }
}
