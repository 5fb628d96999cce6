import Foundation
import Testing

extension LabTests {
    /// Proof 7: bad input gets one clear error, the documented exit code, and changes nothing.
    @Suite struct BadInput {
        struct Case: Sendable {
            var words: [String]
            var code: Int32
            /// A part of the one error line.
            var says: String
            var prepare = ""
            var cleanUp = ""
        }

        /// `G` stands for the volume group, `D` for the lab's directory.
        static let cases = [
            Case(words: ["create", "G/nothing"], code: 64, says: "there is no logical volume G/nothing"),
            Case(words: ["create", "nogroup"], code: 64, says: "there is no volume group nogroup"),
            Case(words: ["create", "@notag"], code: 64, says: "no thin volume carries the LVM tag notag"),
            Case(words: ["create", "D/none"], code: 64, says: "D/none"),
            Case(words: ["create"], code: 64, says: "argument"),
            Case(words: ["create", "D/v", "D/v"], code: 64, says: "D/v is named twice"),
            Case(words: ["create", "D/v", "G/v"], code: 64, says: "are the same volume G/v"),
            Case(words: ["create", "G/thick"], code: 4, says: "G/thick is a linear volume, not a thin volume"),
            Case(
                words: ["create", "D/thick"], code: 4,
                says: "D/thick is on G/thick, a linear volume, not a thin volume",
                prepare: "mkfs.ext4 -q /dev/G/thick; mkdir D/thick; mount /dev/G/thick D/thick",
                cleanUp: "umount D/thick; rmdir D/thick"),
            Case(
                words: ["create", "/dev/mapper/G-thick"], code: 4, says: "is on G/thick, a linear volume"),
            Case(words: ["create", "G/pool"], code: 4, says: "G/pool is a thin pool, not a thin volume"),
            Case(words: ["create", "/dev/shm"], code: 4, says: "a tmpfs file system that is not on a thin volume"),
            Case(words: ["create", "/dev/null"], code: 4, says: "/dev/null"),
            Case(words: ["create", "/"], code: 4, says: "not on a thin volume"),
            Case(
                words: ["create", "D/v"], code: 4, says: "D/v is already frozen by somebody else",
                prepare: "fsfreeze --freeze D/v", cleanUp: "fsfreeze --unfreeze D/v"),
            Case(
                words: ["create", "G/raw"], code: 4, says: "G/raw is suspended by somebody else",
                prepare: "dmsetup suspend G-raw", cleanUp: "dmsetup resume G-raw"),
            Case(words: ["create", "--name", "no/slash", "D/v"], code: 64, says: "no/slash"),
            Case(words: ["create", "--name", String(repeating: "n", count: 65), "D/v"], code: 64, says: "nnn"),
            Case(
                words: ["create", "G/" + String(repeating: "l", count: 110)], code: 4, says: "is too long",
                prepare: "lvcreate -qq --yes -V 32M -T G/pool -n " + String(repeating: "l", count: 110),
                cleanUp: "lvremove -qq --yes G/" + String(repeating: "l", count: 110)),
            Case(words: ["create", "--tag", "novalue", "D/v"], code: 64, says: "novalue"),
            Case(words: ["create", "--max-window", "tomorrow", "D/v"], code: 64, says: "tomorrow"),
            Case(words: ["create", "--require", "application", "D/v"], code: 4, says: "hooks"),
            Case(words: ["show", "nothing"], code: 64, says: "there is no set nothing"),
            Case(words: ["delete", "nothing"], code: 64, says: "there is no set nothing"),
            Case(words: ["freeze", "G/raw", "--for", "5s"], code: 4, says: "no mounted file system"),
            Case(
                words: ["list"], code: 4, says: "catalog.sqlite",
                prepare:
                    "mkdir -p -m 700 D/state; printf garbage-garbage > D/state/catalog.sqlite; chmod 600 D/state/catalog.sqlite",
                cleanUp: "rm -f D/state/catalog.sqlite"),
            Case(
                words: ["create", "D/v"], code: 4, says: "D/run",
                prepare: "mkdir -p D/run; chmod 777 D/run", cleanUp: "chmod 700 D/run"),
        ]

        @Test("every bad input, one after the other, on one set of volumes")
        func table() async throws {
            try await ThinLab.run { lab in
                try lab.fileSystem("v", "ext4", at: "v")
                try lab.volume("raw", megabytes: 32)
                try shell("lvcreate -qq --yes --size 32M --name thick \(lab.group)")
                func fill(_ text: String) -> String {
                    text.replacingOccurrences(of: "G/", with: lab.group + "/")
                        .replacingOccurrences(of: "G-", with: lab.group + "-")
                        .replacingOccurrences(of: "D/", with: lab.directory + "/")
                }
                // LVM's own copy of the metadata; each commit writes it.
                func metadata() throws -> String { try contents("/etc/lvm/backup/" + lab.group) }
                for item in Self.cases {
                    try shell(fill(item.prepare))
                    let before = try metadata()
                    let output = try lab.stillpoint(item.words.map(fill))
                    let after = try metadata()
                    try shell(fill(item.cleanUp))
                    let words = item.words.joined(separator: " ")
                    #expect(output.status == item.code, "\(words): \(output)")
                    #expect(output.errors.contains(fill(item.says)), "\(words): \(output)")
                    #expect(output.errors.hasPrefix("stillpoint: error: "), "\(words): \(output)")
                    #expect(after == before, "\(words)")
                }
            }
        }

        @Test("a read-only file system is no obstacle")
        func readOnly() async throws {
            try await ThinLab.run { lab in
                let device = try lab.volume("v")
                try lab.format(device, "ext4")
                let point = try lab.mount(device, at: "v", options: "ro")
                try lab.succeed(["create", "--name", "readonly", point])
                try lab.succeed("delete", "readonly")
            }
        }

        @Test("a member of a set cannot be a target, nor can its clone")
        func memberAsTarget() async throws {
            try await ThinLab.run { lab in
                let point = try lab.fileSystem("v", "ext4", at: "v")
                let set = try lab.succeed(["create", "--output", "json", point]).decoded(CreateJSON.self).set
                let output = try lab.stillpoint("create", set.members[0].snapshot)
                #expect(output.status == 4, "\(output)")
                #expect(output.errors.contains("is a member of set \(set.name)"), "\(output)")
                try lab.succeed("delete", set.name)
            }
        }

        @Test("a second run at the same time is turned away")
        func secondRun() async throws {
            try await ThinLab.run { lab in
                let point = try lab.fileSystem("v", "ext4", at: "v")
                let first = try lab.stop(at: "engine.armed", ["create", "--name", "first", point])
                let second = try lab.stillpoint("create", point)
                #expect(second.status == 5, "\(second)")
                #expect(second.errors.contains("another run"), "\(second)")
                first.resume()
                #expect(first.wait().status == 0)
                try lab.succeed("delete", "first")
            }
        }

        @Test("not root")
        func notRoot() async throws {
            // The programs of the checkout may not be readable for others.
            try shell("install -m 755 \(Lab.stillpoint) /run/stillpoint-other")
            let output = try attempt("setpriv", "--reuid=65534", "--clear-groups", "/run/stillpoint-other", "list")
            try shell("rm /run/stillpoint-other")
            #expect(output.status == 4, "\(output)")
            #expect(output.errors.contains("root"), "\(output)")
        }

        @Test("no device-mapper")
        func noDeviceMapper() async throws {
            let output = try attempt(
                "unshare", "--mount", "sh", "-c",
                "mount -t tmpfs -o ro none /dev/mapper && exec \(Lab.stillpoint) create /")
            #expect(output.status == 4, "\(output)")
            #expect(output.errors.contains("device-mapper"), "\(output)")
        }
    }
}
