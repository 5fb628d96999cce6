import Foundation
import Glibc
import SystemPackage
import Testing

@testable import LVM

@Suite("The worker's process")
struct WorkerProcessTests {
    @Test("a missing program is told of")
    func missingProgram() async throws {
        let error = try await #require(throws: LVMError.self) {
            try await LVMClient(executable: "/nowhere/stillpoint").report()
        }
        #expect(error.code == .workerFailed)
        #expect(error.message.contains("/nowhere/stillpoint"))
    }

    @Test(
        "a program that is no worker is told of",
        arguments: [("/bin/true", LVMError.Code.badReport), ("/bin/false", .workerFailed)])
    func wrongProgram(path: String, code: LVMError.Code) async throws {
        let error = try await #require(throws: LVMError.self) {
            try await LVMClient(executable: FilePath(path)).report()
        }
        #expect(error.code == code)
    }

    @Test("it has its own session, an exact environment, and no descriptors of ours")
    func surroundings() async throws {
        var template = Array("/tmp/stillpoint-worker-XXXXXX".utf8CString)
        let directory = FilePath(String(cString: try #require(mkdtemp(&template))))
        defer { try? FileManager.default.removeItem(atPath: directory.string) }
        // Reads its job to the end, and tells what it sees as if LVM had printed it.
        let script = directory.appending("worker").string
        let program = #"""
            #!/bin/sh
            cat >/dev/null
            see="$* $(ls -l /proc/$$/fd | grep -c /dev/null) $(cut -d' ' -f6 /proc/$$/stat) $$ $(env | grep -v -e ^_= -e ^PWD= | sort | tr '\n' ' ')"
            echo "{\"results\":[{\"command\":[],\"status\":1,\"output\":\"$see\",\"errors\":\"\"}]}"
            """#
        try program.write(toFile: script, atomically: true, encoding: .utf8)
        #expect(chmod(script, 0o755) == 0)
        let inherited = try FileDescriptor.open("/dev/null", .readOnly)
        defer { try? inherited.close() }
        _ = fcntl(inherited.rawValue, F_SETFD, 0)
        setenv("STILLPOINT_TEST_SECRET", "x", 1)

        let client = LVMClient(executable: FilePath(script), systemDirectory: "/etc/other")
        let seen = try await client.run([.report(["lvs"])])[0].output.split(separator: " ")
        #expect(seen.first == "lvm-worker")
        #expect(seen[1] == "0")
        #expect(seen[2] == seen[3])
        #expect(
            seen.dropFirst(4) == [
                "LC_ALL=C", "LVM_SUPPRESS_FD_WARNINGS=1", "LVM_SYSTEM_DIR=/etc/other",
                "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
            ])
    }
}
