import DeviceMapper
import Foundation
import Testing

extension LabTests {
    /// Proof 6: no space is a clear refusal, and nothing is left.
    @Suite struct NoSpace {
        @Test("a pool whose data is full to the limit")
        func data() async throws {
            try await ThinLab.run { lab in
                let point = try lab.fileSystem("v", "ext4", at: "v", megabytes: 1000)
                let free = try shell("lvs --noheadings --units b --nosuffix -o lv_size \(lab.pool)")
                #expect((Int(free.trimmingCharacters(in: .whitespaces)) ?? 0) > 1 << 30)
                try shell("dd if=/dev/urandom of=\(point)/big bs=1M count=600 conv=fsync status=none")
                let output = try lab.stillpoint("create", point, "--pool-limit", "10")
                #expect(output.status == 4, "\(output)")
                #expect(output.errors.contains("pool \(lab.pool) is full to"), "\(output)")
                try Self.expectNothingLeft(lab)
            }
        }

        @Test("a pool whose metadata is full")
        func metadata() async throws {
            try await ThinLab.run(metadataMiB: 2) { lab in
                try lab.volume("v")
                let output = try lab.stillpoint("create", "\(lab.group)/v", "--pool-limit", "3")
                #expect(output.status == 4, "\(output)")
                #expect(output.errors.contains("of its metadata"), "\(output)")
                try Self.expectNothingLeft(lab)
            }
        }

        @Test("the pool's data runs full between admission and staging")
        func dataDuringStaging() async throws {
            try await ThinLab.run { lab in
                try await Self.duringStaging(lab) {
                    try shell(
                        """
                        lvcreate -qq --yes --virtualsize 256M --thinpool \(lab.group)/small --name filler
                        dd if=/dev/zero of=/dev/\(lab.group)/filler bs=1M oflag=direct status=none 2>/dev/null || :
                        """)
                }
            }
        }

        @Test("the pool's metadata runs full between admission and staging")
        func metadataDuringStaging() async throws {
            try await ThinLab.run { lab in
                try await Self.duringStaging(lab) {
                    // Each thin device takes a block of 4 KiB for the root of its empty B-tree.
                    let pool = DeviceAddress.name("\(lab.group)-small-tpool")
                    for id in 10_000...10_700 {
                        guard (try? Devices.message("create_thin \(id)", to: pool)) != nil else { break }
                    }
                }
            }
        }

        /// Stops `create` when everything is admitted and nothing staged, fills the pool, and lets it go on.
        static func duringStaging(_ lab: ThinLab, fill: () throws -> Void) async throws {
            try shell(
                """
                lvcreate -qq --yes --type thin-pool --size 64M --poolmetadatasize 2M --name small \(lab.group)
                lvchange -qq --errorwhenfull y \(lab.group)/small
                lvcreate -qq --yes --virtualsize 32M --thinpool \(lab.group)/small --name s1
                lvcreate -qq --yes --virtualsize 32M --thinpool \(lab.group)/small --name s2
                """)
            let child = try lab.stop(at: "engine.armed", ["create", "\(lab.group)/s1", "\(lab.group)/s2"])
            try fill()
            child.resume()
            let output = child.wait()
            #expect(output.status == 1, "\(output)")
            #expect(output.errors.contains("error:"), "\(output)")
            try expectNothingLeft(lab)
        }

        static func expectNothingLeft(_ lab: ThinLab) throws {
            #expect(try shell("lvs --noheadings -o name \(lab.group) | grep -c _sp_ || :") == "0")
            #expect(try lab.succeed("list", "--output", "json").decoded(ListJSON.self).sets.isEmpty)
            #expect(try shell("ls \(lab.runDirectory)/runs 2>/dev/null || :") == "")
        }
    }
}
