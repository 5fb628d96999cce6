import Foundation
import Testing

extension LabTests {
    /// Proof 5: LVM at work in other processes while sets are taken.
    @Suite struct BusyLVM {
        @Test("a volume that grows between staging and cut: no set, since its snapshot would be too small")
        func grows() async throws {
            try await ThinLab.run { lab in
                let point = try lab.fileSystem("v", "ext4", at: "v")
                let engine = try lab.start(at: "engine.staged", ["create", "--name", "small", point])
                let stopped = try Deaths.wait(for: .engine, of: lab, stopped: true)
                try shell("lvextend -qq --resizefs --extents +1 \(lab.group)/v")
                kill(stopped, SIGCONT)
                let output = engine.wait()
                #expect(output.status == 1 && output.errors.contains("was changed by another LVM command"), "\(output)")
                try NoSpace.expectNothingLeft(lab)
                try lab.succeed("create", "--name", "large", point)
                try lab.succeed("delete", "large")
            }
        }

        @Test("lvcreate, lvremove, lvs and lvextend in a loop beside sets: none fails, no set is wrong")
        func bothWork() async throws {
            try await ThinLab.run { lab in
                let points = try (1...3).map { try lab.fileSystem("v\($0)", $0 == 2 ? "xfs" : "ext4", at: "v\($0)") }
                try lab.volume("grows", megabytes: 32)
                let stop = lab.directory + "/stop"
                let loop = try Child([
                    "sh", "-euc",
                    """
                    n=0
                    until [ -e \(stop) ]; do
                        n=$((n + 1))
                        lvcreate -qq --yes --virtualsize 16M --thinpool \(lab.pool) --name busy
                        lvcreate -qq --yes --snapshot --name busysnap \(lab.group)/v1
                        lvs --noheadings \(lab.group) > /dev/null
                        lvextend -qq --extents +1 \(lab.group)/grows
                        lvremove -qq --yes \(lab.group)/busysnap \(lab.group)/busy
                    done
                    echo $n
                    """,
                ])
                lab.atEnd("end the loop") {
                    try shell("touch \(stop)")
                    loop.wait()
                    try shell("lvremove -qq --yes \(lab.group)/busysnap \(lab.group)/busy 2>/dev/null || :")
                }
                let writer = OrderedWriter(points, pauseMs: 10)
                // A writer in a volume that is not unmounted would keep it for good.
                lab.atEnd("end the writer") { try? writer.stop() }
                var sets: [String] = []
                for round in 1...Soak.rounds(2, of: 50) {
                    sets.append("busy\(round)")
                    try lab.succeed(["create", "--name", "busy\(round)", "--quiet"] + points)
                }
                try writer.stop()
                try shell("touch \(stop)")
                let output = loop.wait()
                #expect(output.status == 0, "\(output)")
                #expect((Int(output.text) ?? 0) > 0)
                try AfterSet.expectTransactionsAgree(lab)
                for set in sets {
                    let numbers = try Order.read(set, points, lab)
                    #expect(OrderedWriter.isOneInstant(numbers), "\(set): \(numbers)")
                    try lab.succeed("unmount", set, "--quiet")
                }
                try lab.succeed(["delete", "--quiet"] + sets)
            }
        }
    }
}
