import SetModel
import Simulation
import Testing

@testable import Snapshots

/// Which volumes `targets` and `exclude` of a policy come to.
struct PolicyTargetTests {
    private static func host() -> SimulatedHost {
        let host = SimulatedHost()
        host.addPool("vg0/pool")
        host.addVolume("vg0/root", pool: "vg0/pool", tags: ["db"])
        host.mount("ext4", on: ["vg0/root"], at: "/")
        host.addVolume("vg0/a", pool: "vg0/pool", tags: ["db", "web"])
        host.mount("ext4", on: ["vg0/a"], at: "/a")
        host.addVolume("vg0/b", pool: "vg0/pool", tags: ["db"])
        host.mount("xfs", on: ["vg0/b"], at: "/b")
        return host
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var any: [String] = []
        var all: [String] = []
        var not: [String] = []
        var excludesRoot = false
        /// `nil`: nothing is left.
        var gives: [String]?

        var testDescription: String { "any \(any) all \(all) not \(not) \(excludesRoot ? "without /" : "")" }
    }

    @Test(
        "any, all, not, and without the root volume",
        arguments: [
            Case(any: ["vg0"], gives: ["vg0/root", "vg0/a", "vg0/b"]),
            Case(any: ["vg0"], all: ["@web"], gives: ["vg0/a"]),
            Case(any: ["@db"], all: ["@web", "vg0"], gives: ["vg0/a"]),
            Case(all: ["@db", "/b"], gives: ["vg0/b"]),
            Case(all: ["@db"], gives: ["vg0/root", "vg0/a", "vg0/b"]),
            Case(any: ["/b"], all: ["@web"], gives: nil),
            Case(any: ["vg0"], not: ["/a", "vg0/none"], gives: ["vg0/root", "vg0/b"]),
            Case(any: ["vg0"], excludesRoot: true, gives: ["vg0/a", "vg0/b"]),
            Case(any: ["@db"], not: ["@web"], excludesRoot: true, gives: ["vg0/b"]),
            Case(any: ["/"], excludesRoot: true, gives: nil),
            Case(any: ["vg0"], not: ["@db"], gives: nil),
        ])
    func resolve(item: Case) async throws {
        let bench = try Bench(Self.host())
        let filter = TargetFilter(
            all: item.all, not: item.not, excludesRoot: item.excludesRoot, isOfPolicy: true)
        let result = try await bench.engine().resolve([TargetSelection(targets: item.any, filter: filter)])[0]
        #expect(try result.get().sorted() == (item.gives ?? []).sorted())
        // Whoever looks sees that nothing is left; a set of nothing is refused.
        if item.gives == nil {
            var request = CreateRequest(targets: item.any)
            request.filter = filter
            var refusal: SnapshotError?
            do { _ = try await bench.create(request) } catch { refusal = error as? SnapshotError }
            #expect(refusal?.code == .refused && refusal?.message.contains("is excluded") == true)
        }
    }
}
