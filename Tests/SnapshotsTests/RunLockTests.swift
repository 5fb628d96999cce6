import Glibc
import SetModel
import Simulation
import SystemPackage
import Testing

@testable import Snapshots

/// One run at a time.
@Suite struct RunLockTests {
    @Test("while a run holds the lock, others that change something are busy; readers and thaw are not")
    func busy() async throws {
        let bench = try Bench(Layout.two.host())
        try await bench.create(["/a"], name: "mine")
        let lock = try RunLock(bench.scratch.path)
        let verbs: [(String, () async throws -> Void)] = [
            ("create", { try await bench.create(["/a"]) }),
            ("delete", { try await bench.delete("mine") }),
            ("recover", { _ = try await bench.recover() }),
            ("freeze", { _ = try await bench.engine().freeze(["/a"], for: .seconds(1)) }),
        ]
        for (name, verb) in verbs {
            let error = await #expect(throws: SnapshotError.self) { try await verb() }
            #expect(error?.code == .busy, "\(name)")
            #expect(error?.message.contains("another run of stillpoint") == true)
        }
        #expect(try await bench.engine().list().count == 1)
        #expect(try await bench.engine().volumes().count == 2)
        try await bench.create(["/a"], dryRun: true)
        #expect(try await bench.engine().thaw() == [])
        lock.release()
    }

    @Test("the lock is free again after every run, also one that failed")
    func free() async throws {
        let bench = try Bench(Layout.two.host())
        _ = try? await bench.create(["/nowhere"])
        try RunLock(bench.scratch.path).release()
        try await bench.create(["/a"])
        try RunLock(bench.scratch.path).release()
    }

    @Test("a run directory that others may change is refused, and so is one that is none")
    func unsafeDirectory() async throws {
        let bench = try Bench(Layout.two.host())
        chmod(bench.scratch.path.string, 0o777)
        let error = await #expect(throws: SnapshotError.self) { try await bench.create(["/a"]) }
        #expect(error?.code == .refused)
        #expect(error?.causes.first?.contains("chmod go-w") == true)
        chmod(bench.scratch.path.string, 0o700)
        #expect(throws: SnapshotError.self) { try RunLock("relative/path") }
        #expect(throws: SnapshotError.self) { try RunLock("/dev/null") }
    }
}
