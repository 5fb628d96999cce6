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
