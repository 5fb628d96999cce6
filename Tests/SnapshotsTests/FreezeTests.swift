import SetModel
import Simulation
import Testing

@testable import Snapshots

/// `freeze` and `thaw`.
@Suite struct FreezeTests {
    @Test("a manual freeze outlives its run, keeps sets away, survives recover, and ends with thaw")
    func manual() async throws {
        let bench = try Bench(Layout.three.host())
        let report = try await bench.engine().freeze(["/a", "/c"], for: .milliseconds(1500))
        #expect(report.mountPoints == ["/a", "/c"])
        #expect(report.thawsInSeconds > 0 && report.thawsInSeconds <= 1.5)
        #expect(bench.host.frozen == ["/a", "/c"])
        bench.expectOrder("manual")
        let error = await #expect(throws: SnapshotError.self) { try await bench.create(["/a", "/b"]) }
        #expect(error?.code == .busy)
        #expect(error?.message.contains("/a, /c is frozen by hand") == true)
        #expect(try await bench.recover().isEmpty)
        #expect(bench.host.frozen == ["/a", "/c"])
        // Another one beside it.
        #expect(try await bench.engine().freeze(["/b"], for: .seconds(1)).mountPoints == ["/b"])
        #expect(bench.host.frozen == ["/a", "/b", "/c"])
        #expect(try await bench.engine().thaw() == ["/a", "/c", "/b"])
        #expect(bench.host.frozen == [])
        #expect(try await bench.engine().thaw() == [])
        try await bench.create(["/a"])
        bench.expectOrder("after thaw")
    }

    @Test(
        "only what has a mounted file system can be frozen",
        arguments: [["vg0/raw"], ["/a", "vg0/raw"], [], ["/none"]])
    func refused(targets: [String]) async throws {
        let bench = try Bench(Layout.raw.host())
        let error = await #expect(throws: SnapshotError.self) {
            try await bench.engine().freeze(targets, for: .seconds(1))
        }
        #expect(error?.code == (targets.contains("vg0/raw") ? .refused : .usage))
        #expect(bench.host.frozen == [])
        bench.expectOrder("\(targets)")
    }

    @Test("a file system that the kernel cannot freeze is refused by name", arguments: [["/boot"], ["/a", "/boot"]])
    func unfreezable(targets: [String]) async throws {
        let bench = try Bench(Layout.vfat.host())
        let error = await #expect(throws: SnapshotError.self) {
            try await bench.engine().freeze(targets, for: .seconds(1))
        }
        #expect(error?.code == .refused)
        #expect(error?.message.contains("vg0/boot") == true)
        #expect(bench.host.frozen == [])
    }

    @Test("a fault at any step leaves nothing frozen, or recover thaws it")
    func faults() async throws {
        let reference = try Bench(Layout.three.host())
        reference.host.inject()
        _ = try await reference.engine().freeze(["/a", "/b", "/c"], for: .seconds(1))
        for (index, step) in reference.host.trace.enumerated() {
            for kind in step.kinds {
                let comment: Comment = "\(kind.rawValue) at \(index) \(step)"
                let bench = try Bench(Layout.three.host())
                bench.host.inject(Fault(kind, at: .index(index)))
                let error = await #expect(throws: SnapshotError.self, comment) {
                    try await bench.engine().freeze(["/a", "/b", "/c"], for: .seconds(1))
                }
                bench.host.clearFaults()
                if kind.endsEngine { #expect(try await bench.recover().failures == [], comment) }
                #expect(kind.endsEngine || error?.code == .failed, comment)
                #expect(bench.host.frozen == [], comment)
                bench.expectOrder(comment)
            }
        }
    }
}
