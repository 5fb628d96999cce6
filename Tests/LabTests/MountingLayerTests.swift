import Foundation
import Glibc
import Testing

extension LabTests {
    /// Members that are more than a file system on a volume: LUKS, btrfs, and what is refused.
    @Suite struct MountingLayers {
        /// A volume with LUKS and an ext4 in it, mounted. The mapping is closed at the end.
        private func encrypted(_ lab: ThinLab, _ type: String) throws -> (point: String, key: String) {
            let device = try lab.volume("secret", megabytes: 96)
            let key = lab.directory + "/key"
            let mapping = lab.group + "-open"
            // The weakest derivation that there is: an emulated processor takes its time.
            let derivation =
                type == "luks1" ? "--pbkdf-force-iterations 1000" : "--pbkdf pbkdf2 --pbkdf-force-iterations 1000"
            try shell(
                """
                head -c 64 /dev/urandom >'\(key)'
                cryptsetup luksFormat --batch-mode --type \(type) \(derivation) --key-file '\(key)' '\(device)'
                cryptsetup open --key-file '\(key)' '\(device)' \(mapping)
                """)
            lab.atEnd("close \(mapping)") { try shell("udevadm settle; cryptsetup close \(mapping)") }
            try lab.format("/dev/mapper/" + mapping, "ext4")
            let point = try lab.mount("/dev/mapper/" + mapping, at: "secret")
            try write("before", to: point + "/file")
            return (point, key)
        }

        @Test func luksWithTheRunningKey() async throws {
            try await ThinLab.run { lab in
                let (point, _) = try encrypted(lab, "luks1")
                try lab.create("one", point)
                try write("after", to: point + "/file")
                let snapshot = try lab.snapshots("one")[0]
                let digest = try lab.digest(snapshot)

                let mounts = try lab.mountSet("one")
                #expect(try contents(lab.tree("one") + point + "/file") == "before")
                #expect(try #require(mounts.first).device.hasPrefix("/dev/mapper/stillpoint-"))
                #expect(try #require(mounts.first).words.contains("ro"))
                try lab.succeed("unmount", "one")
                try lab.expectNothingMounted()
                #expect(try lab.digest(snapshot) == digest)

                let writable = try lab.mountSet("one", "--writable")
                try write("changed", to: try #require(writable.first).path + "/file")
                try lab.succeed("unmount", "one")
                try lab.expectNothingMounted()
                #expect(try lab.digest(snapshot) == digest)
                #expect(try contents(point + "/file") == "after")
            }
        }

        @Test(.enabled(if: Soak.isOn, Soak.reason)) func luksWithAKeyInTheKeyring() async throws {
            try await ThinLab.run { lab in
                let (point, key) = try encrypted(lab, "luks2")
                try lab.create("one", point)
                try write("after", to: point + "/file")
                let refused = try lab.stillpoint("mount", "one")
                #expect(refused.status == 4, "\(refused)")
                #expect(refused.errors.contains("keyring") && refused.errors.contains("--key-file"), "\(refused)")
                try lab.expectNothingMounted()

                try write("wrong", to: lab.directory + "/wrong")
                let wrong = try lab.stillpoint("mount", "one", "--key-file", lab.directory + "/wrong")
                #expect(wrong.status == 1 && wrong.errors.contains("No key available"), "\(wrong)")
                try lab.expectNothingMounted()

                try lab.mountSet("one", "--key-file", key)
                #expect(try contents(lab.tree("one") + point + "/file") == "before")
                try lab.succeed("delete", "one")
                try lab.expectNothingMounted()
            }
        }

        @Test func btrfsBesideItsOrigin() async throws {
            try await ThinLab.run { lab in
                let point = try lab.fileSystem("tree", "btrfs", at: "tree")
                let device = "/dev/\(lab.group)/tree"
                // What the kernel takes for the file system's device, in its number.
                func kernelsDevice() throws -> String {
                    try shell(
                        "cat /sys/fs/btrfs/$(blkid --probe --match-tag UUID --output value '\(device)')/devices/*/dev")
                }
                let number = try shell("lsblk --noheadings --output MAJ:MIN '\(device)'")
                try write("before", to: point + "/file")
                try lab.create("one", point)
                try write("after", to: point + "/file")
                let snapshot = try lab.snapshots("one")[0]
                let digest = try lab.digest(snapshot)
                #expect(try kernelsDevice() == number)

                for option in [[], ["--writable"]] {
                    let mounts = try lab.succeed(["mount", "one", "--output", "json"] + option)
                        .decoded(MountsJSON.self).mounts
                    let path = try #require(mounts.first).path
                    #expect(try contents(path + "/file") == "before")
                    #expect(mounts.first?.words.contains(option.isEmpty ? "ro" : "rw") == true)
                    #expect(try kernelsDevice() == number)
                    #expect(try shell("btrfs filesystem show '\(point)'").contains("\(lab.group)-tree"))
                    try write("while", to: point + "/file")
                    if !option.isEmpty { try write("changed", to: path + "/file") }
                    try lab.succeed("unmount", "one")
                    try lab.expectNothingMounted()
                }
                #expect(try lab.digest(snapshot) == digest)
                #expect(try kernelsDevice() == number)
                try lab.expectLink(to: device)
                try shell("sync; umount '\(point)'; mount '\(device)' '\(point)'; btrfs scrub start -B '\(point)'")
                #expect(try contents(point + "/file") == "while")
            }
        }

        @Test(.enabled(if: Soak.includes(kernel: "6.1"), Soak.elsewhere)) func whatCannotBeMountedSaysWhatItIs()
            async throws
        {
            try await ThinLab.run(disks: 1) { lab in
                let data = try lab.fileSystem("data", "ext4", at: "data", megabytes: 64)
                let raid = try lab.volume("raid", megabytes: 64)
                // Else udev assembles the array again at any event of its volume, also while the set is being taken.
                try shell("mkdir -p /etc/mdadm; echo 'AUTO -all' > /etc/mdadm/mdadm.conf")
                lab.atEnd("stop what udev assembled") { try shell("udevadm settle; mdadm --stop --scan || :") }
                try shell(
                    """
                    mdadm --create /dev/md77 --run --level 1 --metadata 1.2 --force --raid-devices 1 '\(raid)'
                    udevadm settle
                    mdadm --stop /dev/md77
                    """)
                let swap = try lab.volume("swap", megabytes: 32)
                try shell("mkswap '\(swap)'")
                try lab.create("raid", data, "\(lab.group)/raid")
                let refused = try lab.stillpoint("mount", "raid")
                #expect(refused.status == 4 && refused.errors.contains("md RAID"), "\(refused)")
                try lab.expectNothingMounted()

                // The same while the array runs, with a file system on it.
                try shell(
                    """
                    udevadm settle
                    mdadm --stop --scan
                    mdadm --assemble /dev/md77 --run --force '\(raid)'
                    mkfs.ext4 -q /dev/md77
                    """)
                let point = try lab.mount("/dev/md77", at: "raid")
                try lab.create("running", point)
                let layered = try lab.stillpoint("mount", "running")
                #expect(layered.status == 4 && layered.errors.contains("md raid1"), "\(layered)")
                try lab.expectNothingMounted()

                try lab.create("swap", data, "\(lab.group)/swap")
                #expect(try lab.mountSet("swap").count == 1)
                try lab.succeed("unmount", "swap")

                let part = try lab.fileSystem("part", "btrfs", at: "part", megabytes: 256)
                let other = try lab.volume("other", megabytes: 256)
                try shell("btrfs device add -f '\(other)' '\(part)'")
                try lab.create("pair", part)
                let pair = try lab.stillpoint("mount", "pair")
                #expect(pair.status == 4 && pair.errors.contains("one of 2 devices"), "\(pair)")
                try lab.expectNothingMounted()
            }
        }
    }
}
