import Foundation
import Glibc
import Testing

/// What `mount --output json` prints.
struct MountsJSON: Decodable {
    struct Mounted: Decodable {
        var volume: String
        var device: String
        var path: String
        var filesystem: String
        var options: String

        var words: Set<String> { Set(options.split(separator: ",").map(String.init)) }
    }

    var mounts: [Mounted]
}

extension ThinLab {
    /// `stillpoint mount`, which must succeed. In the order of the members.
    @discardableResult
    func mountSet(_ set: String, _ options: String...) throws -> [MountsJSON.Mounted] {
        try succeed(["mount", "--output", "json", set] + options).decoded(MountsJSON.self).mounts
    }

    /// The directory that `mount` puts a set in when it is given none.
    func tree(_ set: String) -> String { runDirectory + "/mnt/" + set }

    /// The snapshots of a set as `VG/LV`, in the order of the members.
    func snapshots(_ set: String) throws -> [String] {
        let sets = try succeed("list", "--output", "json").decoded(ListJSON.self).sets
        return try #require(sets.first { $0.name == set }).members.map(\.snapshot)
    }

    /// A digest of every block of an inactive volume.
    func digest(_ volume: String) throws -> String {
        try shell(
            """
            lvchange -qq --activate y --ignoreactivationskip '\(volume)'
            md5sum <'/dev/\(volume)'
            udevadm settle
            lvchange -qq --activate n '\(volume)'
            """)
    }

    /// Nothing of any mounted set is left: no mount, mapping, clone or directory, and no snapshot is active.
    func expectNothingMounted(sourceLocation: SourceLocation = #_sourceLocation) throws {
        let mounts = try shell("grep -E 'stillpoint:|stillpoint-[A-Za-z0-9]{32}|_sp_|_clone' /proc/self/mountinfo || :")
        #expect(mounts.isEmpty, "mounts", sourceLocation: sourceLocation)
        let devices = try shell("dmsetup ls | grep -E 'stillpoint-|_sp_|_clone' || :")
        #expect(devices.isEmpty, "devices", sourceLocation: sourceLocation)
        let clones = try shell("lvs --noheadings --options lv_name \(group) | grep _clone || :")
        #expect(clones.isEmpty, "clones", sourceLocation: sourceLocation)
        let files = try shell("find '\(runDirectory)/mnt' '\(runDirectory)/mounting' -mindepth 1 2>/dev/null || :")
        #expect(files.isEmpty, "directories", sourceLocation: sourceLocation)
    }

    /// `/dev/disk/by-uuid` leads to the origin, as if no snapshot had ever been active.
    func expectLink(to device: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let link = try shell(
            "udevadm settle; readlink -f /dev/disk/by-uuid/$(blkid --probe --match-tag UUID --output value '\(device)')"
        )
        #expect(try link == shell("readlink -f '\(device)'"), sourceLocation: sourceLocation)
    }
}

func contents(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

func write(_ text: String, to path: String) throws {
    try text.write(toFile: path, atomically: false, encoding: .utf8)
}
