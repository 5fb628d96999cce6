import Foundation
import Testing

extension LabTests {
    /// Proof 4: `/` on a thin volume as a member, under load.
    @Suite struct Root {
        @Test(
            "sets of / and another volume while both are written",
            .enabled(if: Lab.rootIsThin, "needs / on a thin volume: lab --root thin"))
        func rootAsMember() async throws {
            try await ThinLab.run { lab in
                // A directory that the root file system has: /run is a file system of its own.
                let point = "/srv/proof-" + lab.group
                let device = try lab.volume("v")
                try lab.format(device, "xfs")
                try shell("mkdir \(point); mount \(device) \(point)")
                lab.atEnd("unmount \(point)") { try shell("umount \(point); rmdir \(point)") }
                let programs = "/usr/local/lib/stillpoint-proof"
                // Executables and libraries on the very file system that is frozen.
                try shell("mkdir -p \(programs); cp \(Lab.stillpoint) \(Lab.stillpoint)-guard \(programs)")
                let directory = "/var/tmp/proof-\(lab.group)"
                try shell("mkdir -p \(directory)")
                let root = lab.directory + "/set"
                try shell("mkdir \(root)")
                let writer = OrderedWriter([directory, point])
                lab.atEnd("end the writer") { try? writer.stop() }
                for round in 1...Soak.rounds(2, of: 20) {
                    let name = "root\(round)"
                    try lab.succeed(["create", "--name", name, "/", point], program: programs + "/stillpoint")
                    let set = try lab.succeed(["show", name, "--output", "json"]).decoded(CreateJSON.self).set
                    #expect(set.state == "complete")
                    let numbers = try writer.resting {
                        try lab.succeed(["mount", name, "--at", root])
                        let numbers = [root + directory, root + point].map { OrderedWriter.number(in: $0) }
                        try lab.succeed(["delete", name])
                        return numbers
                    }
                    #expect(OrderedWriter.isOneInstant(numbers), "\(name): \(numbers)")
                }
                try writer.stop()
                try shell("rm -rf \(directory) \(programs)")
            }
        }
    }
}
