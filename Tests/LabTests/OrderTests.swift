import Foundation
import Testing

extension LabTests {
    /// Proof 1: a set holds one instant of all its volumes.
    @Suite struct Order {
        @Test("a writer's order over six volumes, two VGs, ext4, XFS and LUKS, holds in every set")
        func holdsInEverySet() async throws {
            try await ThinLab.run { first in
                try await ThinLab.run(firstDisk: 1) { second in
                    let directories = try Self.sixVolumes(first, second)
                    let writer = OrderedWriter(directories)
                    // The inner one is taken down first.
                    second.atEnd("end the writer") { try? writer.stop() }
                    var numbers: [[UInt64]] = []
                    for round in 1...Soak.rounds(3, of: 50) {
                        let name = "order\(round)"
                        try first.succeed(["create", "--name", name, "--quiet"] + directories)
                        try writer.resting {
                            numbers.append(try Self.read(name, directories, first))
                            // Whatever was mounted of it goes with it.
                            try first.succeed(["delete", name, "--quiet"])
                        }
                    }
                    try writer.stop()
                    for found in numbers {
                        #expect(OrderedWriter.isOneInstant(found), "\(found)")
                    }
                    // A writer that stood still would prove nothing.
                    let firsts = numbers.compactMap(\.first)
                    #expect(zip(firsts, firsts.dropFirst()).allSatisfy { $0 < $1 }, "\(firsts)")
                }
            }
        }

        @Test("the same check fails for a loop of lvcreate -s")
        func failsForLoop() async throws {
            try await ThinLab.run { lab in
                let directories = try (1...4).map { try lab.fileSystem("v\($0)", "ext4", at: "v\($0)") }
                let writer = OrderedWriter(directories)
                lab.atEnd("end the writer") { try? writer.stop() }
                var disagree = false
                for round in 1...3 where !disagree {
                    for volume in 1...4 {
                        try shell("lvcreate -qq --snapshot --name l\(round)v\(volume) \(lab.group)/v\(volume)")
                    }
                    var numbers: [UInt64] = []
                    for volume in 1...4 {
                        let point = lab.directory + "/loop"
                        try shell(
                            """
                            lvchange -qq --activate y --ignoreactivationskip \(lab.group)/l\(round)v\(volume)
                            mkdir -p \(point); mount -o ro,noload /dev/\(lab.group)/l\(round)v\(volume) \(point)
                            """)
                        numbers.append(OrderedWriter.number(in: point))
                        try shell("umount \(point); lvchange -qq --activate n \(lab.group)/l\(round)v\(volume)")
                    }
                    disagree = !OrderedWriter.isOneInstant(numbers)
                }
                try writer.stop()
                #expect(disagree, "the check cannot tell a loop of lvcreate from one instant")
            }
        }

        /// The mount points of ext4, XFS, ext4 under LUKS, XFS, ext4, XFS; two in the second VG.
        static func sixVolumes(_ first: ThinLab, _ second: ThinLab) throws -> [String] {
            var result = [
                try first.fileSystem("v1", "ext4", at: "v1"), try first.fileSystem("v2", "xfs", at: "v2"),
            ]
            let device = try first.volume("v3")
            let mapping = first.group + "-crypt"
            try shell(
                """
                printf secret > \(first.directory)/key
                cryptsetup -q luksFormat --type luks2 --pbkdf pbkdf2 --pbkdf-force-iterations 1000 \
                    \(device) \(first.directory)/key
                cryptsetup open --key-file \(first.directory)/key \(device) \(mapping)
                """)
            first.atEnd("close \(mapping)") { try shell("cryptsetup close \(mapping)") }
            try first.format("/dev/mapper/\(mapping)", "ext4")
            result.append(try first.mount("/dev/mapper/\(mapping)", at: "v3"))
            result.append(try first.fileSystem("v4", "xfs", at: "v4"))
            result.append(try second.fileSystem("v5", "ext4", at: "v5"))
            result.append(try second.fileSystem("v6", "xfs", at: "v6"))
            return result
        }

        /// The numbers in a set's members, in the order of the directories. It stays mounted.
        static func read(_ set: String, _ directories: [String], _ lab: ThinLab) throws -> [UInt64] {
            let root = lab.directory + "/set"
            let key = lab.directory + "/key"
            let keyFile = FileManager.default.fileExists(atPath: key) ? ["--key-file", key] : []
            try shell("mkdir -p '\(root)'")
            try lab.succeed(["mount", set, "--at", root, "--quiet"] + keyFile)
            let numbers = directories.map { OrderedWriter.number(in: root + $0) }
            return numbers
        }
    }
}
