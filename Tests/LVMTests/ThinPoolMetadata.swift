import Foundation
import SetModel
import SystemPackage

@testable import LVM

extension LoopStorage {
    /// Gives the VG a thin pool with `origins` volumes and `sets` complete sets of all of them, as a backup of LVM's
    /// metadata would bring it back. Returns the sets, oldest first.
    func restoreThinPool(origins: Int, sets: Int) async throws -> [SnapshotSet] {
        let backup = directory.appending("backup.vg").string
        try await run([["vgcfgbackup", "--file=" + backup, Self.group]])
        var text = try String(contentsOfFile: backup, encoding: .utf8)
        var volumes = Self.pool(transactionID: origins + origins * sets)
        for origin in 1...origins {
            volumes += Self.thin("data\(origin)", uuid: Self.uuid("o", origin), thinID: origin, flags: "")
        }
        var made: [SnapshotSet] = []
        var thinID = origins
        for number in 0..<sets {
            var set = Sample.set(members: origins)
            set.id = String(format: "%032x", number)
            set.createdAt = Sample.created.addingTimeInterval(Double(number) * 60)
            set.members = set.members.map { member in
                var member = member
                thinID += 1
                member.volume = name("data\(member.index)")
                member.originUUID = Self.uuid("o", member.index)
                member.snapshot = name("data\(member.index)_sp_\(number)")
                member.snapshotUUID = Self.uuid("s", thinID)
                member.thinID = UInt32(thinID)
                member.sizeBytes = 1 << 30
                return member
            }
            let staged = try set.members.map { try MemberTags.staged($0, of: set) }
            set.state = .complete
            set.consistency = .filesystem
            let completion = try MemberTags.completion(of: set)
            for (member, tags) in zip(set.members, staged) {
                let now =
                    tags.filter { !completion.removing.contains($0) } + (member.index == 1 ? completion.adding : [])
                volumes += Self.thin(
                    "data\(member.index)_sp_\(number)", uuid: member.snapshotUUID ?? "",
                    thinID: Int(member.thinID ?? 0), origin: "data\(member.index)", tags: now,
                    flags: "\"ACTIVATION_SKIP\"")
            }
            made.append(set)
        }
        text.replace("\n}\n", with: "\nlogical_volumes {\n\(volumes)}\n}\n", maxReplacements: 1)
        try text.write(toFile: backup, atomically: true, encoding: .utf8)
        try await run([["vgcfgrestore", "--yes", "--force", "--file=" + backup, Self.group]])
        return made
    }

    /// 32 characters in LVM's groups of 6-4-4-4-4-4-6.
    private static func uuid(_ kind: String, _ number: Int) -> String {
        kind + String(format: "%05d", number) + "-aaaa-aaaa-aaaa-aaaa-aaaa-aaaaaa"
    }

    private static func pool(transactionID: Int) -> String {
        let data = """
            pool { id = "\(uuid("p", 0))" status = ["READ", "WRITE", "VISIBLE"] flags = [] segment_count = 1
            segment1 { start_extent = 0 extent_count = 16 type = "thin-pool" metadata = "pool_tmeta" pool = "pool_tdata"
            transaction_id = \(transactionID) chunk_size = 128 discards = "passdown" zero_new_blocks = 1 } }

            """
        return data + linear("pool_tdata", uuid("p", 1), extents: 16, at: 0)
            + linear("pool_tmeta", uuid("p", 2), extents: 1, at: 16)
    }

    private static func linear(_ name: String, _ uuid: String, extents: Int, at start: Int) -> String {
        """
        \(name) { id = "\(uuid)" status = ["READ", "WRITE"] flags = [] segment_count = 1
        segment1 { start_extent = 0 extent_count = \(extents) type = "striped" stripe_count = 1
        stripes = [ "pv0", \(start) ] } }

        """
    }

    private static func thin(
        _ name: String, uuid: String, thinID: Int, origin: String? = nil, tags: [String] = [], flags: String
    ) -> String {
        """
        \(name) { id = "\(uuid)" status = ["READ", "WRITE", "VISIBLE"] flags = [\(flags)]
        tags = [\(tags.map { "\"\($0)\"" }.joined(separator: ", "))] segment_count = 1
        segment1 { start_extent = 0 extent_count = 256 type = "thin" thin_pool = "pool" transaction_id = 0
        device_id = \(thinID) \(origin.map { "origin = \"\($0)\"" } ?? "") } }

        """
    }
}
