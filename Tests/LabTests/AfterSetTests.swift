import Foundation
import Testing

extension LabTests {
    /// Proof 2: after a set, everything that LVM and the kernel could do before, they still can.
    @Suite struct AfterSet {
        @Test("unmount, mount, links, vgck, transaction ids, lvcreate, lvremove, merge, vgchange, thin_check")
        func everythingWorks() async throws {
            try await ThinLab.run { lab in
                let types = ["ext4", "xfs", "ext4"]
                var points: [String] = []
                for (index, type) in types.enumerated() {
                    points.append(try lab.fileSystem("v\(index)", type, at: "v\(index)"))
                    try shell("echo before > \(points[index])/file; sync")
                }
                let links = try Self.links(lab)
                let set = try lab.succeed(["create", "--output", "json"] + points).decoded(CreateJSON.self).set
                #expect(set.state == "complete")
                #expect(set.consistency == "filesystem")
                try shell("udevadm settle")
                #expect(try Self.links(lab) == links)

                // The leak of a nested freeze shows only here: "Can't mount, blockdev is frozen".
                for (index, point) in points.enumerated() {
                    try shell("umount \(point); mount /dev/\(lab.group)/v\(index) \(point)")
                }
                try shell("vgck \(lab.group)")
                try Self.expectTransactionsAgree(lab)

                let origin = "\(lab.group)/v0"
                try shell("lvcreate -qq --snapshot --name extra \(origin); lvremove -qq --yes \(lab.group)/extra")
                try Self.expectTransactionsAgree(lab)

                try shell("echo after > \(points[1])/file; sync; umount \(points[1])")
                try shell("lvconvert -qq --yes --merge \(set.members[1].snapshot)")
                try shell("mount /dev/\(lab.group)/v1 \(points[1])")
                #expect(try shell("cat \(points[1])/file") == "before")

                for point in points { try shell("umount \(point)") }
                try shell("vgchange -qq --activate n \(lab.group); vgchange -qq --activate y \(lab.group)")
                try Self.expectTransactionsAgree(lab)
                try shell("vgchange -qq --activate n \(lab.group)")
                try Self.thinCheck(lab)
                try shell("vgchange -qq --activate y \(lab.group)")
                for (index, point) in points.enumerated() { try shell("mount /dev/\(lab.group)/v\(index) \(point)") }
            }
        }

        /// The links that udev made for the volumes of the lab.
        static func links(_ lab: ThinLab) throws -> [String] {
            try shell(
                """
                for volume in /dev/\(lab.group)/*; do
                    udevadm info --query=symlink "$volume" | tr ' ' '\\n'
                done | grep -v _sp_ | sort
                """
            ).split(separator: "\n").map(String.init)
        }

        static func expectTransactionsAgree(_ lab: ThinLab) throws {
            let recorded = try shell("lvs --noheadings -o transaction_id \(lab.pool)")
            let kernel = try shell("dmsetup status \(lab.group)-pool-tpool | cut -d ' ' -f 4")
            #expect(recorded.trimmingCharacters(in: .whitespaces) == kernel)
        }

        /// thin_check of the pool's metadata, which must not be in use.
        static func thinCheck(_ lab: ThinLab) throws {
            try shell("lvchange -qq --activate y --yes \(lab.group)/pool_tmeta")
            let output = try attempt("thin_check", "/dev/\(lab.group)/pool_tmeta")
            try shell("lvchange -qq --activate n --yes \(lab.group)/pool_tmeta")
            #expect(output.status == 0, "\(output)")
        }
    }
}
