import Foundation
import Glibc
import Testing

extension LabTests {
    /// `mount`, `unmount` and what they leave of the snapshots: nothing changed.
    @Suite struct Mounting {
        @Test(.enabled(if: Soak.includes(kernel: "6.12"), Soak.elsewhere)) func aNestedTreeShowsTheInstant()
            async throws
        {
            try await ThinLab.run { lab in
                let data = try lab.fileSystem("data", "ext4", at: "srv", megabytes: 64)
                let log = try lab.fileSystem("log", "xfs", at: "srv/wal lög\\x")
                try lab.format(try lab.volume("spare", megabytes: 32), "ext4")
                try lab.volume("raw", megabytes: 32)
                try write("before", to: data + "/file")
                try write("before", to: log + "/file")
                // A deleted file that is open: ext4 finishes its deletion at the next mount, if it is let.
                let orphan = open(data + "/orphan", O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
                defer { close(orphan) }
                #expect(Glibc.write(orphan, "orphan", 6) == 6)
                unlink(data + "/orphan")
                try lab.create("one", data, log, "\(lab.group)/spare", "\(lab.group)/raw")
                try write("after", to: data + "/file")
                try write("after", to: log + "/file")
                let snapshots = try lab.snapshots("one")
                let digests = try snapshots.map(lab.digest)

                let mounts = try lab.mountSet("one")
                let tree = lab.tree("one")
                #expect(mounts.map(\.path) == [tree + data, tree + log, tree + "/by-volume/\(lab.group)/spare"])
                #expect(mounts.map(\.filesystem) == ["ext4", "xfs", "ext4"])
                #expect(try contents(tree + data + "/file") == "before")
                #expect(try contents(tree + log + "/file") == "before")
                for mount in mounts {
                    #expect(mount.words.isSuperset(of: ["ro", "nosuid", "nodev", "noexec"]), "\(mount)")
                    #expect(open(mount.path + "/new", O_CREAT | O_WRONLY, 0o600) < 0 && errno == EROFS)
                }
                #expect(mounts[1].words.isSuperset(of: ["nouuid", "norecovery"]))
                #expect(!mounts[0].words.isDisjoint(with: ["noload", "norecovery"]), "\(mounts[0])")
                #expect(open(tree + "/new", O_CREAT | O_WRONLY, 0o600) < 0 && errno == EROFS)
                #expect(try lab.succeed("show", "one").standard.contains(tree + data))
                #expect(try lab.stillpoint("mount", "one").status == 4)

                let unmounted = try lab.succeed("unmount", "one").standard
                for mount in mounts { #expect(unmounted.contains(mount.path)) }
                try lab.expectNothingMounted()
                #expect(try snapshots.map(lab.digest) == digests)
                for name in ["data", "log", "spare"] { try lab.expectLink(to: "/dev/\(lab.group)/\(name)") }
                try lab.succeed("unmount", "one")
                #expect(try contents(data + "/file") == "after")
            }
        }

        @Test(.enabled(if: Soak.isOn, Soak.reason)) func atAnEmptyDirectoryWithPrograms() async throws {
            try await ThinLab.run { lab in
                let data = try lab.fileSystem("data", "ext4", at: "data", megabytes: 64)
                try lab.create("one", data)
                let place = lab.directory + "/place"
                let missing = try lab.stillpoint("mount", "one", "--at", place)
                #expect(missing.status == 64, "\(missing)")
                try shell("mkdir -p '\(place)/full'; ln -s place '\(lab.directory)/link'")
                let full = try lab.stillpoint("mount", "one", "--at", place)
                #expect(full.status == 64 && full.errors.contains("empty"), "\(full)")
                try lab.expectNothingMounted()
                try shell("rmdir '\(place)/full'")

                let mounts = try lab.mountSet("one", "--at", lab.directory + "/link", "--allow-programs")
                #expect(mounts.map(\.path) == [place + data])
                #expect(try #require(mounts.first).words.isDisjoint(with: ["nosuid", "nodev", "noexec"]))
                try lab.succeed("unmount", "one")
                try lab.expectNothingMounted()
                #expect(try shell("ls -A '\(place)'").isEmpty)
            }
        }

        @Test(.enabled(if: Soak.includes(kernel: "6.12"), Soak.elsewhere)) func writableClonesLeaveTheSnapshotsAlone()
            async throws
        {
            try await ThinLab.run { lab in
                let data = try lab.fileSystem("data", "ext4", at: "data", megabytes: 64)
                let log = try lab.fileSystem("log", "xfs", at: "data/log")
                try write("before", to: data + "/file")
                try lab.create("one", data, log)
                let snapshots = try lab.snapshots("one")
                let digests = try snapshots.map(lab.digest)
                for mount in try lab.mountSet("one", "--writable") {
                    #expect(mount.words.contains("rw") && !mount.words.contains("ro"), "\(mount)")
                    try write("new", to: mount.path + "/new")
                }
                try write("changed", to: lab.tree("one") + data + "/file")
                try shell("sync")
                try lab.succeed("unmount", "one")
                try lab.expectNothingMounted()
                #expect(try snapshots.map(lab.digest) == digests)
                for mount in try lab.mountSet("one") {
                    #expect(access(mount.path + "/new", F_OK) != 0)
                }
                #expect(try contents(lab.tree("one") + data + "/file") == "before")
                try lab.succeed("unmount", "one")
            }
        }

        @Test(.enabled(if: Soak.includes(kernel: "6.12"), Soak.elsewhere)) func deletingAMountedSetLeavesNothing()
            async throws
        {
            try await ThinLab.run { lab in
                let data = try lab.fileSystem("data", "ext4", at: "data", megabytes: 64)
                for option in [[], ["--writable"]] {
                    try lab.create("one", data)
                    try lab.succeed(["mount", "one"] + option)
                    try lab.succeed("delete", "one")
                    try lab.expectNothingMounted()
                    #expect(try shell("lvs --noheadings --options lv_name \(lab.group) | sort | xargs") == "data pool")
                }
            }
        }

        @Test(.enabled(if: Soak.includes(kernel: "6.1"), Soak.elsewhere)) func whatIsInUseStaysWhole() async throws {
            try await ThinLab.run { lab in
                let data = try lab.fileSystem("data", "ext4", at: "data", megabytes: 64)
                let log = try lab.fileSystem("log", "ext4", at: "data/log", megabytes: 64)
                try shell("truncate -s 1M '\(data)/image'")
                try lab.create("one", data, log)
                let mounts = try lab.mountSet("one").map(\.path)
                func expectRefused(_ reason: String, _ verb: String = "unmount") throws {
                    let refused = try lab.stillpoint(verb, "one")
                    #expect(refused.status == 4 && refused.errors.contains(reason), "\(refused)")
                    for path in mounts { #expect(try attempt("mountpoint", "--quiet", path).status == 0) }
                }

                let user = try Child(["sh", "-c", "cd '\(mounts[0])' && exec sleep infinity"])
                try shell("until [ \"$(cat /proc/\(user.pid)/comm)\" = sleep ]; do :; done")
                try expectRefused("sleep (\(user.pid))")
                try expectRefused(mounts[0], "delete")
                user.kill()

                // Under another path of a mount namespace of its own, as a second server has it.
                try shell("mkdir '\(lab.directory)/there'")
                let hidden = try Child([
                    "unshare", "--mount", "--propagation", "slave", "sh", "-c",
                    "mount --rbind '\(mounts[0])' '\(lab.directory)/there' && cd '\(lab.directory)/there' && exec sleep infinity",
                ])
                try shell("until [ \"$(cat /proc/\(hidden.pid)/comm)\" = sleep ]; do :; done")
                try expectRefused("sleep (\(hidden.pid))")
                hidden.kill()

                try shell("mkdir '\(lab.directory)/other'; mount --bind '\(mounts[1])' '\(lab.directory)/other'")
                try expectRefused(lab.directory + "/other")
                try shell("umount '\(lab.directory)/other'; mount -t tmpfs none '\(mounts[1])'")
                try expectRefused("none is mounted in it")
                try shell("umount '\(mounts[1])'")

                // The kernel's own use of a file, which no process shows.
                let loop = try shell("losetup --find --show --read-only '\(mounts[0])/image'")
                let busy = try lab.stillpoint("unmount", "one")
                #expect(busy.status == 3 && busy.errors.contains(mounts[0]), "\(busy)")
                try shell("losetup --detach \(loop); udevadm settle")

                try lab.succeed("unmount", "one")
                try lab.expectNothingMounted()
            }
        }

        @Test(.enabled(if: Soak.includes(kernel: "6.12"), Soak.elsewhere)) func aLinkInTheSnapshotLeadsNowhere()
            async throws
        {
            try await ThinLab.run { lab in
                let outer = try lab.fileSystem("outer", "ext4", at: "outer", megabytes: 64)
                try shell("mkdir '\(outer)/deep'")
                let inner = try lab.fileSystem("inner", "ext4", at: "outer/deep/inner", megabytes: 64)
                let gone = try lab.fileSystem("gone", "ext4", at: "outer/gone", megabytes: 64)
                try lab.create("one", outer, inner, gone)
                // What somebody could have written there before the instant.
                let target = lab.directory + "/target"
                try shell(
                    """
                    snapshot='\(try lab.snapshots("one")[0])'
                    mkdir -p '\(lab.directory)/edit' '\(target)/inner'
                    lvchange -qq --activate y --ignoreactivationskip $snapshot
                    mount /dev/$snapshot '\(lab.directory)/edit'
                    cd '\(lab.directory)/edit'
                    rm -r deep gone
                    ln -s '\(target)' deep
                    cd /
                    umount '\(lab.directory)/edit'
                    udevadm settle
                    lvchange -qq --activate n $snapshot
                    """)
                let output = try lab.succeed("mount", "one", "--output", "json", "--verbose")
                let tree = lab.tree("one")
                let homeless = ["inner", "gone"].map { "\(tree)/by-volume/\(lab.group)/\($0)" }
                #expect(try output.decoded(MountsJSON.self).mounts.map(\.path) == [tree + outer] + homeless)
                #expect(output.errors.contains("\(inner) is no directory in the snapshot around it"), "\(output)")
                #expect(output.errors.contains("\(gone) is not in the snapshot around it"), "\(output)")
                #expect(try attempt("mountpoint", "--quiet", target + "/inner").status != 0)
                try lab.succeed("unmount", "one")
                try lab.expectNothingMounted()
            }
        }
    }
}
