import Glibc
import LinuxSystem
import SetModel
import SystemPackage
import Testing

@testable import Snapshots

/// Where members go in a set's tree.
@Suite struct MountTreeTests {
    private func member(_ index: Int, _ mountPoint: String?) -> Member {
        Member(
            index: index, volume: "vg0/v\(index)", originUUID: "u\(index)", snapshot: "vg0/s\(index)", sizeBytes: 0,
            mountPoint: mountPoint)
    }

    private func tree(_ points: String?...) -> MountTree {
        MountTree(points.enumerated().map { member($0.offset + 1, $0.element) })
    }

    /// `index<parent:path`, in order.
    private func places(_ tree: MountTree) -> [String] {
        tree.places.map { place in
            "\(place.member.index)<\(place.parent.map { "\(tree.places[$0].member.index)" } ?? "-"):\(place.path)"
        }
    }

    @Test func parentsComeBeforeWhatLiesInThem() {
        #expect(places(tree("/a/b/c", "/a", "/a/b", "/z")) == ["2<-:a", "4<-:z", "3<2:b", "1<3:c"])
    }

    @Test func theRootHoldsEverything() {
        #expect(places(tree("/srv/db", "/")) == ["2<-:", "1<2:srv/db"])
    }

    @Test func aPathIsComparedByComponents() {
        #expect(places(tree("/srv/data", "/srv/data2")) == ["1<-:srv/data", "2<-:srv/data2"])
    }

    @Test func namesMayHaveAnyCharacters() {
        #expect(places(tree("/a b", "/a b/x\n'\\040")) == ["1<-:a b", "2<1:x\n'\\040"])
    }

    @Test func whatHasNoPathOfItsOwnGoesElsewhere() {
        let tree = tree("/a", nil, "/a", "a", "/a/../etc")
        #expect(places(tree) == ["1<-:a"])
        #expect(Set(tree.others.map(\.index)) == [2, 3, 4, 5])
        #expect(MountTree.byVolume(member(2, nil)) == "by-volume/vg0/v2")
    }

    @Test func whatClimbsStaysInside() {
        var evil = member(1, nil)
        evil.volume = "/../../etc/shadow"
        #expect(MountTree.byVolume(evil) == "by-volume/etc/shadow")
    }
}

/// Marks of trees that are being made or taken away.
@Suite struct ChangeMarkTests {
    private static let id = "0123456789abcdef0123456789abcdef"

    @Test func aMarkIsThereUntilItEnds() throws {
        let scratch = try Scratch()
        let marks = ChangeMark(directory: scratch.path.appending("mounting"))
        #expect(marks.left == [])
        try marks.begin(Self.id)
        #expect(marks.left == [Self.id])
        marks.end(Self.id)
        #expect(marks.left == [])
        rmdir(marks.directory.string)
    }

    @Test func whatIsNoIDTouchesNoFile() throws {
        let scratch = try Scratch()
        let marks = ChangeMark(directory: scratch.path.appending("mounting"))
        try marks.begin(Self.id)
        let bystander = scratch.path.appending("lock")
        try FileDescriptor.open(bystander, .writeOnly, options: .create, permissions: .ownerReadWrite).close()
        for id in ["../lock", "..", "", ".", bystander.string, "../mounting/" + Self.id] {
            #expect(throws: SnapshotError.self) { try marks.begin(id) }
            marks.end(id)
        }
        #expect(access(bystander.string, F_OK) == 0)
        #expect(marks.left == [Self.id])
        try FileDescriptor.open(
            marks.directory.appending("evil"), .writeOnly, options: .create, permissions: .ownerReadWrite
        )
        .close()
        #expect(marks.left == [Self.id])
        unlink(marks.directory.appending("evil").string)
        marks.end(Self.id)
        rmdir(marks.directory.string)
    }
}

/// How file systems are mounted.
@Suite struct MountOptionsTests {
    @Test(arguments: [
        ("xfs", ["ro", "nouuid", "norecovery"], ["nouuid"]), ("ext4", ["ro", "noload"], []),
        ("ext3", ["ro", "noload"], []), ("ext2", ["ro"], []), ("vfat", ["ro"], []), ("btrfs", ["ro"], []),
    ])
    func ofATypeAreItsOwn(type: String, readOnly: [String], writable: [String]) {
        let plain = MountOptions(type: type, writable: false, allowPrograms: false)
        #expect(plain.options == readOnly)
        #expect(plain.attributes == [.readOnly, .noSUID, .noDev, .noExec])
        let clone = MountOptions(type: type, writable: true, allowPrograms: false)
        #expect(clone.options == writable)
        #expect(clone.attributes == [.noSUID, .noDev, .noExec])
        #expect(MountOptions(type: type, writable: true, allowPrograms: true).attributes == [])
        #expect(MountOptions(type: type, writable: false, allowPrograms: true).attributes == .readOnly)
    }
}
