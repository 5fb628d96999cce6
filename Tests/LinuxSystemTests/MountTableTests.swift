import SystemPackage
import Testing

@testable import LinuxSystem

struct MountTableTests {
    private func parse(_ text: String) throws -> [Mount] { try MountTable.parse(Array(text.utf8)) }

    @Test func readsEveryField() throws {
        let mounts = try parse("36 35 253:4 /sub /data rw,noatime - xfs /dev/mapper/vg-data rw,attr2,noquota\n")
        #expect(
            mounts == [
                Mount(
                    id: 36, parentID: 35, device: DeviceNumber(major: 253, minor: 4), root: "/sub", mountPoint: "/data",
                    options: "rw,noatime", filesystemType: "xfs", source: "/dev/mapper/vg-data",
                    superOptions: "rw,attr2,noquota")
            ])
    }

    @Test(arguments: [
        "", "shared:1 ", "master:1 ", "shared:7 master:1 propagate_from:2 ", "unbindable ", "new_tag:x another ",
    ])
    func skipsAnyNumberOfOptionalFields(fields: String) throws {
        let mounts = try parse("36 35 8:1 / /mnt rw \(fields)- ext4 /dev/sda1 rw\n")
        #expect(mounts.map(\.filesystemType) == ["ext4"])
        #expect(mounts.map(\.source) == ["/dev/sda1"])
    }

    @Test func unescapesBlanksTabsNewlinesAndBackslashes() throws {
        let mounts = try parse(#"36 35 8:1 /a\040b /m\040n\011t\012l\134\043 rw - fuse.x\040y s\040o rw"# + "\n")
        #expect(mounts.first?.root == "/a b")
        #expect(mounts.first?.mountPoint == "/m n\tt\nl\\#")
        #expect(mounts.first?.filesystemType == "fuse.x y")
        #expect(mounts.first?.source == "s o")
    }

    @Test func aDashCanBeAMountPointOrASource() throws {
        let mounts = try parse("36 35 0:5 / /- rw - tmpfs - rw\n37 35 0:6 / /x rw shared:1 - tmpfs  rw\n")
        #expect(mounts.first?.mountPoint == "/-")
        #expect(mounts.map(\.source) == ["-", ""])
        #expect(mounts.map(\.superOptions) == ["rw", "rw"])
    }

    @Test func keepsBytesThatAreNotUTF8InAMountPoint() throws {
        let line = Array("36 35 8:1 / /".utf8) + [0xff, 0xfe] + Array(" rw - ext4 /dev/sda1 rw\n".utf8)
        let mounts = try MountTable.parse(line)
        let bytes = try #require(mounts.first).mountPoint.withPlatformString { pointer in
            (0..<3).map { UInt8(bitPattern: pointer[$0]) }
        }
        #expect(bytes == [UInt8(ascii: "/"), 0xff, 0xfe])
    }

    @Test func aMountReadTwiceIsKeptOnce() throws {
        let line = "36 35 8:1 / /mnt rw - ext4 /dev/sda1 rw\n"
        #expect(try parse(line + line).count == 1)
    }

    @Test(arguments: [
        "36 35 8:1 / /mnt rw", "x 35 8:1 / /mnt rw - ext4 a rw", "36 35 81 / /mnt rw - ext4 a rw",
        "36 35 8:1 / /mnt rw - ext4 a", "36 35 8:1 / - - ext4 a", "hello",
    ])
    func namesTheLineItDoesNotUnderstand(line: String) {
        #expect(throws: MountTableError(line: 2, text: line)) {
            try parse("36 35 8:1 / /mnt rw - ext4 /dev/sda1 rw\n" + line + "\n")
        }
    }

    @Test func findsTheValueOfASuperblockOption() throws {
        let mount = try parse(
            #"36 35 0:9 / /m rw - overlay overlay rw,lowerdir=/l,upperdir=/a\054b\040c,workdir=/w"# + "\n")[0]
        #expect(mount.superOption("upperdir") == "/a,b c")
        #expect(mount.superOption("workdir") == "/w")
        #expect(mount.superOption("upper") == nil)
    }

    @Test(arguments: [
        ("ro,noatime", "rw", true), ("rw", "ro,norecovery", true), ("rw,relatime", "rw,errors=ro", false),
    ])
    func readOnlyIsOfTheMountOrTheSuperblock(options: String, superOptions: String, isReadOnly: Bool) throws {
        let mount = try parse("36 35 8:1 / /mnt \(options) - ext4 /dev/sda1 \(superOptions)\n")[0]
        #expect(mount.isReadOnly == isReadOnly)
    }

    @Test func readsOurOwnTable() throws {
        let mounts = try MountTable.read()
        #expect(mounts.contains { $0.mountPoint == "/" })
        #expect(mounts.contains { $0.mountPoint == "/proc" && $0.filesystemType == "proc" })
    }
}
