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

    @Test("a report whose process died is asked for once more, and what changes something is not")
    func dies() async throws {
        let worker = try ScriptedWorker(
            #"""
            echo >>starts
            [ "$(grep -c '' starts)" -gt 1 ] || exit 1
            frame "$(text ''; text 0; text 1; text '{"report":[{"lv":[]}]}'; text none)"
            """#)
        #expect(try await LVMClient(worker: WorkerProcess(executable: worker.path)).report().volumes.isEmpty)
        #expect(try shell("grep -c '' \(worker.directory)/starts") == "2")
        try shell("rm \(worker.directory)/starts")
        let error = try await #require(throws: LVMError.self) {
            try await LVMClient(worker: WorkerProcess(executable: worker.path)).run([.report(["lvchange"])])
        }
        #expect(error.code == .workerFailed)
        #expect(try shell("grep -c '' \(worker.directory)/starts") == "1")
    }

    @Test("it has its own session, an exact environment, and no descriptors of ours")
    func surroundings() async throws {
        let worker = try ScriptedWorker(
            #"""
            see="$* $(ls -l /proc/$$/fd | grep -c /dev/null) $(cut -d' ' -f6 /proc/$$/stat) $$ $(env | grep -v -e ^_= -e ^PWD= -e ^OLDPWD= | sort | tr '\n' ' ')"
            # No failure; a command without words, its status, output and errors.
            frame "$(text ''; text 0; text 1; text "$see"; text none)"
            """#)
        defer { withExtendedLifetime(worker) {} }
        let inherited = try FileDescriptor.open("/dev/null", .readOnly)
        defer { try? inherited.close() }
        _ = fcntl(inherited.rawValue, F_SETFD, 0)
        setenv("STILLPOINT_TEST_SECRET", "x", 1)

        let client = LVMClient(
            worker: WorkerProcess(executable: worker.path, systemDirectory: "/etc/other"))
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

/// A program in the place of a worker. It reads one job, says who it is, and goes on as it is told.
private final class ScriptedWorker {
    let directory: FilePath
    var path: FilePath { directory.appending("worker") }

    /// - Parameter rest: lines of shell, run in the directory; `frame` sends a text, `text` writes one of a report.
    init(_ rest: String) throws {
        var template = Array("/tmp/stillpoint-worker-XXXXXX".utf8CString)
        directory = FilePath(String(cString: try #require(mkdtemp(&template))))
        let program = #"""
            #!/bin/sh
            frame() { printf '%s\n%s' "${#1}" "$1" >&0; }
            text() { printf '%s\n%s' "${#1}" "$1"; }
            read -r length
            head -c "$length" >/dev/null
            frame $$
            cd "$(dirname "$0")"

            """#
        try (program + rest + "\n").write(toFile: path.string + ".text", atomically: false, encoding: .utf8)
        // A process of its own writes the program: one that other tests fork while it is written could not be run
        // ("Text file busy").
        try shell("install -m 755 \(path).text \(path)")
    }

    deinit { try? FileManager.default.removeItem(atPath: directory.string) }
}
