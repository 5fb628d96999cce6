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
            try await LVMClient(worker: WorkerProcess(executable: "/nowhere/stillpoint")).report()
        }
        #expect(error.code == .workerFailed)
        #expect(error.message.contains("/nowhere/stillpoint"))
    }

    @Test(
        "a program that is no worker is told of", arguments: ["/bin/true", "/bin/false", "/bin/cat"])
    func wrongProgram(path: String) async throws {
        let error = try await #require(throws: LVMError.self) {
            try await LVMClient(worker: WorkerProcess(executable: FilePath(path))).report()
        }
        #expect(error.code == .workerFailed)
    }

    @Test("it has its own session, an exact environment, and no descriptors of ours")
    func surroundings() async throws {
        var template = Array("/tmp/stillpoint-worker-XXXXXX".utf8CString)
        let directory = FilePath(String(cString: try #require(mkdtemp(&template))))
        defer { try? FileManager.default.removeItem(atPath: directory.string) }
        // Reads one job, and tells what it sees as if LVM had printed it.
        let script = directory.appending("worker").string
        let program = #"""
            #!/bin/sh
            frame() { printf '%s\n%s' "${#1}" "$1" >&0; }
            read -r length
            head -c "$length" >/dev/null
            see="$* $(ls -l /proc/$$/fd | grep -c /dev/null) $(cut -d' ' -f6 /proc/$$/stat) $$ $(env | grep -v -e ^_= -e ^PWD= | sort | tr '\n' ' ')"
            frame $$
            text() { printf '%s\n%s' "${#1}" "$1"; }
            # No failure; a command without words, its status, output and errors.
            frame "$(text ''; text 0; text 1; text "$see"; text none)"
            """#
        try program.write(toFile: script + ".text", atomically: false, encoding: .utf8)
        // A process of its own writes the program: one that other tests fork while it is written could not be run
        // ("Text file busy").
        try shell("install -m 755 \(script).text \(script)")
        let inherited = try FileDescriptor.open("/dev/null", .readOnly)
        defer { try? inherited.close() }
        _ = fcntl(inherited.rawValue, F_SETFD, 0)
        setenv("STILLPOINT_TEST_SECRET", "x", 1)

        let client = LVMClient(
            worker: WorkerProcess(executable: FilePath(script), systemDirectory: "/etc/other"))
        let seen = try await client.run([.report(["lvs"])])[0].output.split(separator: " ")
        #expect(seen.first == "lvm-worker")
        // Its standard output and its standard error.
        #expect(seen[1] == "2")
        #expect(seen[2] == seen[3])
        #expect(
            seen.dropFirst(4) == [
                "LC_ALL=C", "LVM_SUPPRESS_FD_WARNINGS=1", "LVM_SYSTEM_DIR=/etc/other",
                "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
            ])
    }
}
