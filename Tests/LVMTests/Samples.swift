import Foundation
import SetModel

@testable import LVM

/// The same numbers in every run (splitmix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// Mostly ASCII, with what LVM and its parser dislike, and all of Unicode now and then.
    mutating func text(upTo length: Int) -> String {
        var text = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0...length, using: &self) {
            let range: ClosedRange<UInt32> = Bool.random(using: &self) ? 0...0x7F : 0...0x10FFFF
            if let scalar = Unicode.Scalar(UInt32.random(in: range, using: &self)) { text.append(scalar) }
        }
        return String(text)
    }
}

enum Sample {
    static let id = "0123456789abcdef0123456789abcdef"
    static let created = Date(timeIntervalSince1970: 1_795_411_031)

    static func member(_ index: Int, group: String = "vg0") -> Member {
        Member(
            index: index, volume: "\(group)/data\(index)", originUUID: "origin-\(index)",
            snapshot: "\(group)/data\(index)_sp_20261123T051711Z_0123", snapshotUUID: "\(group)-snapshot-\(index)",
            thinID: UInt32(100 + index), sizeBytes: 1 << 30, filesystem: index == 3 ? nil : "ext4",
            mountPoint: index == 3 ? nil : "/srv/data \(index)=ü")
    }

    static func set(members: Int) -> SnapshotSet {
        SnapshotSet(
            id: id, name: "nightly", state: .staged, createdAt: created,
            expiresAt: created.addingTimeInterval(7 * 86400), policy: "daily policy", schedule: "night",
            tags: ["env": "prod", "Größe": "a=b, c", "": "", "a.b/c": "!20"], memberCount: members,
            members: (1...members).map { member($0) })
    }

    /// A thin volume as a report would tell of it.
    static func volume(_ fullName: String, uuid: String, tags: [String] = [], thinID: UInt32? = nil) -> LogicalVolume {
        let parts = fullName.split(separator: "/").map(String.init)
        return LogicalVolume(
            name: parts[1], volumeGroup: parts[0], volumeGroupUUID: parts[0] + "-uuid", uuid: uuid, isHidden: false,
            segmentTypes: ["thin"], sizeBytes: 1 << 30, pool: "pool", origin: nil, originUUID: nil, thinID: thinID,
            transactionID: nil, dataPercent: nil, metadataPercent: nil, metadataSizeBytes: nil, chunkSizeBytes: 0,
            health: nil, attributes: "Vwi---tz-k", tags: tags, devicePath: "/dev/" + fullName)
    }

    /// The volume of a member with the given tags, or with those it has when it is staged.
    static func volume(of member: Member, in set: SnapshotSet, tags: [String]? = nil) throws -> LogicalVolume {
        volume(
            member.snapshot, uuid: member.snapshotUUID ?? "", tags: try tags ?? MemberTags.staged(member, of: set),
            thinID: member.thinID)
    }

    static func apply(
        _ change: (adding: [String], removing: [String]), to volume: inout LogicalVolume
    ) {
        volume.tags.removeAll(where: change.removing.contains)
        volume.tags += change.adding
    }
}
