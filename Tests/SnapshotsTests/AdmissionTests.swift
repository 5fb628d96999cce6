import SetModel
import Simulation
import Testing

@testable import Snapshots

/// What is refused before anything is changed.
@Suite struct AdmissionTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// `nil`: it is accepted.
        let refusal: (code: SnapshotError.Code, words: String)?
        var request = CreateRequest(targets: ["/a"])
        var arrange: @Sendable (SimulatedHost) -> Void = { _ in }

        static func refused(
            _ name: String, _ words: String, code: SnapshotError.Code = .refused,
            request: CreateRequest = CreateRequest(targets: ["/a"]),
            _ arrange: @escaping @Sendable (SimulatedHost) -> Void
        ) -> Case {
            Case(testDescription: name, refusal: (code, words), request: request, arrange: arrange)
        }

        static func accepted(
            _ name: String, request: CreateRequest = CreateRequest(targets: ["/a"]),
            _ arrange: @escaping @Sendable (SimulatedHost) -> Void
        ) -> Case {
            Case(testDescription: name, refusal: nil, request: request, arrange: arrange)
        }

        /// A pool with one mounted volume `a`.
        static func pool(
            data: Double = 10, metadata: Double = 10, problem: String? = nil
        ) -> @Sendable (SimulatedHost) -> Void {
            { host in
                host.addPool("vg0/pool", dataPercent: data, metadataPercent: metadata, problem: problem)
                host.addMounted("vg0/a", "vg0/pool", "ext4", "/a")
                host.addMounted("vg0/b", "vg0/pool", "ext4", "/b")
            }
        }

        static func request(limit: Double, _ targets: String...) -> CreateRequest {
            CreateRequest(targets: targets, poolLimitPercent: limit)
        }

        static func volume(_ name: String) -> @Sendable (SimulatedHost) -> Void {
            { host in
                host.addPool("vg0/pool")
                host.addMounted(name, "vg0/pool", "ext4", "/a")
            }
        }
    }

    private static let pools: [Case] = [
        .accepted("data below the limit", Case.pool(data: 94.9)),
        .refused("data at the limit", "full to 95 % of its data, the limit is 95 %", Case.pool(data: 95)),
        .refused("data above it", "full to 99.5 % of its data", Case.pool(data: 99.49)),
        .accepted("data at 95, limit 97", request: Case.request(limit: 97, "/a"), Case.pool(data: 95)),
        // 64 MiB of metadata: a snapshot adds 0.0977 %.
        .accepted("metadata below the limit, one member", Case.pool(metadata: 94.9)),
        .refused(
            "metadata above it with two members", "would be full to 95.1 % of its metadata",
            request: Case.request(limit: 95, "/a", "/b"), Case.pool(metadata: 94.9)),
        .refused("metadata above the limit", "of its metadata, the limit is 95 %", Case.pool(metadata: 96)),
        .refused("needs_check", "pool vg0/pool needs checking", Case.pool(problem: "needs checking; repair it")),
        .refused("read-only pool", "pool vg0/pool is read-only", Case.pool(problem: "is read-only; see dmesg")),
        .refused("failed pool", "pool vg0/pool has failed", Case.pool(problem: "has failed; see dmesg")),
        .refused("inactive pool under an active volume", "pool vg0/pool is not active") { host in
            host.addPool("vg0/pool", isActive: false)
            host.addMounted("vg0/a", "vg0/pool", "ext4", "/a")
        },
        .refused("kernel ahead of LVM", "LVM's transaction id is 4, the kernel's 5") { host in
            Case.pool()(host)
            host.setTransactions("vg0/pool", recorded: 4, kernel: 5)
        },
        .refused("kernel two behind LVM", "LVM's transaction id is 4, the kernel's 2") { host in
            Case.pool()(host)
            host.setTransactions("vg0/pool", recorded: 4, kernel: 2)
        },
        .refused("lvmlockd", "volume group vg0 is shared through lvmlockd (sanlock)") { host in
            host.addGroup("vg0", problem: "is shared through lvmlockd (sanlock): its lock is not ours to take")
            Case.pool()(host)
        },
        .accepted("another group under lvmlockd") { host in
            host.addGroup("vg9", problem: "is shared through lvmlockd (sanlock)")
            Case.pool()(host)
        },
    ]

    private static let volumes: [Case] = [
        .refused("suspended origin", "vg0/a is suspended by somebody else") { host in
            Case.pool()(host)
            host.suspendFromOutside("vg0/a")
        },
        .accepted("another volume suspended") { host in
            Case.pool()(host)
            host.suspendFromOutside("vg0/b")
        },
        .refused("frozen by somebody else", "/a is already frozen by somebody else") { host in
            Case.pool()(host)
            host.freezeFromOutside("/a")
        },
        .refused(
            "several file systems on one volume", "several mounted file systems (/p1 and /p2)",
            request: CreateRequest(targets: ["/p1"])
        ) { host in
            host.addPool("vg0/pool")
            host.addVolume("vg0/disk", pool: "vg0/pool")
            host.mount("ext4", on: ["vg0/disk"], at: "/p1")
            host.mount("xfs", on: ["vg0/disk"], at: "/p2")
        },
        .refused(
            "stacked through a loop device", "/up stands through a loop device",
            request: CreateRequest(targets: ["/a", "/up"])
        ) { host in
            Case.pool()(host)
            host.addVolume("vg0/up", pool: "vg0/pool")
            host.mount("xfs", on: ["vg0/up"], at: "/up", below: ["/a"])
        },
        .accepted("only the upper one of a stack", request: CreateRequest(targets: ["/up"])) { host in
            Case.pool()(host)
            host.addVolume("vg0/up", pool: "vg0/pool")
            host.mount("xfs", on: ["vg0/up"], at: "/up", below: ["/a"])
        },
        // "_sp_20261123T051711Z_" and 4 digits: 25 bytes; the name that device-mapper sees has 127.
        .accepted("longest name", Case.volume("vg0/" + String(repeating: "x", count: 98))),
        .refused(
            "name too long", "would need 128 bytes of 127", Case.volume("vg0/" + String(repeating: "x", count: 99))),
        .accepted("longest name with dashes", Case.volume("vg0/" + String(repeating: "-", count: 49))),
        .refused(
            "name too long by its dashes", "would need 128 bytes of 127",
            Case.volume("vg0/" + String(repeating: "-", count: 49) + "x")),
    ]

    private static let requests: [Case] = [
        .refused(
            "--require application", "needs hooks", request: CreateRequest(targets: ["/a"], require: .application),
            Case.pool()),
        .accepted("--require filesystem", request: CreateRequest(targets: ["/a"], require: .filesystem), Case.pool()),
        .refused(
            "--require filesystem of a raw volume in use", "would be crash-consistent, filesystem is required",
            request: CreateRequest(targets: ["/a", "vg0/raw"], require: .filesystem)
        ) { host in
            Case.pool()(host)
            host.addVolume("vg0/raw", pool: "vg0/pool", isOpen: true)
        },
        .accepted("--require crash", request: CreateRequest(targets: ["vg0/raw"], require: .crash)) { host in
            Case.pool()(host)
            host.addVolume("vg0/raw", pool: "vg0/pool", isOpen: true)
        },
        .refused(
            "invalid name", "a/b cannot name a set", code: .usage, request: CreateRequest(targets: ["/a"], name: "a/b"),
            Case.pool()),
        .refused(
            "name of 65 bytes", "cannot name a set", code: .usage,
            request: CreateRequest(targets: ["/a"], name: String(repeating: "n", count: 65)), Case.pool()),
        .accepted(
            "name of 64 bytes", request: CreateRequest(targets: ["/a"], name: String(repeating: "n", count: 64)),
            Case.pool()),
    ]

    @Test("admission", arguments: pools + volumes + requests)
    func admission(item: Case) async throws {
        let bench = try Bench(SimulatedHost())
        item.arrange(bench.host)
        let before = bench.host.state
        for isDry in [true, false] {
            var request = item.request
            request.dryRun = isDry
            bench.host.inject()
            do {
                try await bench.create(request)
                // What is frozen is learnt by trying, which a dry run does not do.
                let isLearntLater = isDry && item.testDescription == "frozen by somebody else"
                #expect(item.refusal == nil || isLearntLater)
            } catch let error as SnapshotError {
                let refusal = try #require(item.refusal, "\(error)")
                #expect(error.code == refusal.code, "\(error)")
                #expect(error.message.contains(refusal.words), "\(error)")
                #expect(bench.host.catalog == [])
            }
            if isDry || item.refusal != nil {
                #expect(bench.host.state == before)
                let changes = bench.host.trace.filter { $0.actor == .worker || $0.name.hasPrefix("save catalog") }
                #expect(changes == [])
            }
        }
        #expect(bench.host.violations == [])
    }

    @Test("a name is taken by a set, by a set that is lost, and by an id")
    func takenNames() async throws {
        let bench = try Bench(Layout.two.host())
        let set = try await bench.create(["/a"], name: "mine")
        let lost = try await bench.create(["/b"], name: "lost")
        bench.host.removeFromOutside(lost.members[0].snapshot)
        for name in ["mine", "lost", set.id] {
            let error = await #expect(throws: SnapshotError.self) { try await bench.create(["/a"], name: name) }
            #expect(error?.code == .usage)
            #expect(error?.message.contains("there is a set \(name) already") == true)
        }
    }

    @Test("what a pool has still to send is sent by the next set", arguments: ["", ": message", ": commit 2"])
    func pendingMessage(step: String) async throws {
        let bench = try Bench(Layout.one.host())
        let before = bench.host.state
        let old = try await bench.create(["/a"], name: "old")
        if !step.isEmpty {
            bench.host.inject(Fault(.everythingDies, at: .first("remove \(old.members[0].snapshot)\(step)")))
            await #expect(throws: SnapshotError.self) { try await bench.delete("old") }
        }
        #expect(bench.host.state.contains("pool vg0/pool: transaction ids differ") == (step == ": message"))
        if step.isEmpty { try await bench.delete("old") }
        #expect(try await bench.recover().isEmpty)
        try await bench.create(["/a"], name: "new")
        try await bench.delete("new")
        #expect(bench.host.state == before)
        bench.expectOrder("pending")
    }
}
