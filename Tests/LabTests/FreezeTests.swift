import Foundation
import Testing

extension LabTests {
    /// A manual freeze ends by itself, by `thaw`, and by `recover` when its guard was killed.
    @Suite struct ManualFreeze {
        @Test("thaws by itself, while the command has long returned")
        func byItself() async throws {
            try await ThinLab.run { lab in
                let point = try lab.fileSystem("v", "xfs", at: "v")
                try lab.succeed("freeze", point, "--for", "2s")
                // Blocks until the guard thaws.
                try shell("touch \(point)/file")
                try lab.succeed("thaw")
            }
        }

        @Test("thaw ends it early, and a second freeze of a frozen file system is refused")
        func early() async throws {
            try await ThinLab.run { lab in
                let points = [try lab.fileSystem("a", "ext4", at: "a"), try lab.fileSystem("b", "xfs", at: "b")]
                try lab.succeed(["freeze", "--for", "10m"] + points)
                let again = try lab.stillpoint("freeze", points[0], "--for", "10m")
                #expect(again.status == 4, "\(again)")
                let create = try lab.stillpoint(["create"] + points)
                #expect(create.status == 5, "\(create)")
                let output = try lab.succeed("thaw")
                #expect(output.standard.contains(points[0]) && output.standard.contains(points[1]), "\(output)")
                try Deaths.expectWritable(points)
            }
        }

        @Test("the watcher thaws when the cutter is killed, and the other way round")
        func guardKilled() async throws {
            try await ThinLab.run { lab in
                let point = try lab.fileSystem("v", "ext4", at: "v")
                for process in [OwnProcess.cutter, .watcher] {
                    try lab.succeed("freeze", point, "--for", "10m")
                    kill(try Deaths.wait(for: process, of: lab, stopped: false), SIGKILL)
                    try Deaths.expectWritable([point])
                    try lab.succeed("recover")
                }
            }
        }

        @Test("recover thaws when both are gone")
        func bothKilled() async throws {
            try await ThinLab.run { lab in
                let point = try lab.fileSystem("v", "ext4", at: "v")
                try lab.succeed("freeze", point, "--for", "10m")
                let cutter = try Deaths.wait(for: .cutter, of: lab, stopped: false)
                let watcher = try Deaths.wait(for: .watcher, of: lab, stopped: false)
                // Stopped first, so that neither can act on the other's death.
                for pid in [cutter, watcher] { kill(pid, SIGSTOP) }
                for pid in [watcher, cutter] { kill(pid, SIGKILL) }
                let output = try lab.succeed("recover")
                #expect(output.standard.contains(point), "\(output)")
                try Deaths.expectWritable([point])
            }
        }
    }
}
