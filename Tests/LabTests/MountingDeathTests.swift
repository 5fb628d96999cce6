import Foundation
import Glibc
import Testing

extension LabTests {
    /// Whoever dies while a set's tree is made or taken away: the next command takes away what is left of it.
    @Suite struct MountingDeaths {
        static let steps = [
            "mount.cloned", "mount.activated", "mount.opened", "mount.tree", "mount.attached", "mount.built",
        ]

        static let chosen = Soak.isOn ? steps : ["mount.cloned", "mount.opened", "mount.attached"]

        @Test(.enabled(if: Soak.includes(kernel: "6.1"), Soak.elsewhere)) func ofMountAreUndoneByTheNextCommand()
            async throws
        {
            try await ThinLab.run { lab in
                let data = try lab.fileSystem("data", "ext4", at: "data", megabytes: 64)
                let log = try lab.fileSystem("log", "ext4", at: "data/log", megabytes: 64)
                try lab.create("one", data, log)
                for (index, step) in Self.chosen.enumerated() {
                    let options = index % 2 == 0 ? ["--writable"] : []
                    try lab.stop(at: step, ["mount", "one"] + options).kill()
                    if index % 2 == 0 {
                        try lab.succeed("recover")
                    } else {
                        try lab.succeed("unmount", "one")
                    }
                    try lab.expectNothingMounted()
                }
                // After a death the set can be mounted as if nothing had been.
                try lab.stop(at: "mount.attached", "mount", "one").kill()
                #expect(try lab.mountSet("one").count == 2)
                for step in Soak.isOn ? ["unmount.unmounted", "unmount.closed"] : ["unmount.closed"] {
                    try lab.stop(at: step, "unmount", "one").kill()
                    try lab.succeed("recover")
                    try lab.expectNothingMounted()
                    try lab.mountSet("one", "--writable")
                }
                // What is mounted and was not interrupted stays, whatever else runs.
                try lab.succeed("recover")
                #expect(try lab.succeed("show", "one").standard.contains(lab.tree("one") + log))
                try lab.succeed("unmount", "one")
                try lab.expectNothingMounted()
            }
        }

        /// As after a reboot: LVM still has the clones, and nothing else tells of the mount.
        @Test(.enabled(if: Soak.isOn, Soak.reason)) func aCloneThatNothingUsesGoes() async throws {
            try await ThinLab.run { lab in
                let data = try lab.fileSystem("data", "ext4", at: "data", megabytes: 64)
                try lab.create("one", data)
                try lab.mountSet("one", "--writable")
                try shell("umount --recursive '\(lab.tree("one"))'; rm -r '\(lab.runDirectory)/mnt'")
                #expect(try lab.succeed("recover").standard.contains("_clone"))
                try lab.expectNothingMounted()
            }
        }
    }
}
