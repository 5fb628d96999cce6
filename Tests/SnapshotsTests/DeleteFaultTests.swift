import SetModel
import Simulation
import Testing

@testable import Snapshots

/// A fault of every kind at every step of `delete`.
@Suite struct DeleteFaultTests {
    /// - Parameter isGone: nothing is left of the set: that is what was asked for.
    private static func ending(_ strike: Strike, isGone: Bool) -> Ending {
        if strike.kind.endsEngine { return .nothing }
        if isGone { return .done }
        let isBegun = strike.step.name.hasPrefix("remove ") || strike.step.name == "mark deleting"
        let isUnchanged = strike.step.name == "mark deleting" && strike.kind != .failsAfterwards
        return .error(isBegun && !isUnchanged ? .partial : .failed)
    }

    @Test(
        "delete: what a fault at a step leads to",
        arguments: try await Strike.inDelete([.one, .three, .six, .inactive]))
    func oneFault(strike: Strike) async throws {
        let bench = try strike.bench()
        let before = bench.host.state
        bench.host.inject(strike.fault)
        var error: SnapshotError?
        do { try await bench.delete("new") } catch let thrown as SnapshotError { error = thrown }
        switch Self.ending(strike, isGone: !bench.host.sets.contains { $0.name == "new" }) {
        case .done: #expect(error == nil)
        case .error(let code):
            #expect(error?.code == code, "\(String(describing: error))")
            #expect(code != .failed || bench.host.state == before)
        case .nothing: #expect(error != nil)
        }
        #expect(bench.host.struck == [strike.fault])
        bench.host.clearFaults()
        bench.expectOrder(strike.comment)
        // A set that is only half there is never listed as complete.
        for set in try await bench.engine().list() where set.name == "new" {
            #expect(set.state == .deleting || bench.host.state == before)
        }
        #expect(try await bench.recover().failures == [])
        let isWhole = bench.host.sets.contains { $0.name == "new" }
        if isWhole {
            #expect(bench.host.state == before)
            try await bench.delete("new")
        }
        try await bench.expectAgreement(strike.comment)
        bench.host.finishKilledCommands()
        #expect(bench.host.sets.map(\.name) == ["old"])
        try await bench.expectUsable(strike.layout.targets, state: bench.host.state, strike.comment)
    }

    @Test(
        "delete: two sets at once: a fault at a step leaves no set half there that is not called so",
        arguments: try await Strike.inDeleteOfTwo([.one, .three]))
    func oneFaultOfTwo(strike: Strike) async throws {
        let bench = try strike.bench()
        let before = try await bench.engine().list()
        bench.host.inject(strike.fault)
        let results = (try? await bench.delete(["new", "newer"])) ?? []
        #expect(bench.host.struck == [strike.fault])
        bench.host.clearFaults()
        bench.expectOrder(strike.comment)
        let listed = try await bench.engine().list()
        for set in listed { #expect(set.state == .deleting || before.contains(set)) }
        // What is said to be deleted is; and no fault but a death keeps the other one.
        for result in results {
            if let deleted = try? result.get() { #expect(!listed.contains { $0.id == deleted.id }) }
        }
        if !strike.kind.endsEngine, strike.kind != .everythingDies, strike.step.name.hasPrefix("remove ") {
            #expect(listed.count { $0.name.hasPrefix("new") } <= 1, strike.comment)
        }
        #expect(try await bench.recover().failures == [])
        for set in bench.host.sets where set.name != "old" { try await bench.delete(set.name) }
        try await bench.expectAgreement(strike.comment)
        bench.host.finishKilledCommands()
        #expect(bench.host.sets.map(\.name) == ["old"])
        try await bench.expectUsable(strike.layout.targets, state: bench.host.state, strike.comment)
    }

    @Test("delete: LVM dies while it reports: what is gone is deleted, and why it was not reported is a warning")
    func goneAllTheSame() async throws {
        let bench = try Bench(Layout.two.host())
        let set = try await bench.create(Layout.two.targets, name: "new")
        bench.host.inject(Fault(.failsAfterwards, at: .first("remove \(set.members[0].snapshot): commit 2")))
        let warnings = KeptWarnings()
        let results = try await bench.engine().delete(["new"], progress: warnings)
        #expect(try results.map { try $0.get().id } == [set.id])
        #expect(bench.host.struck.count == 1)
        #expect(warnings.all.count == 1)
        #expect(warnings.all.first?.contains("reported as failed") == true)
        bench.host.clearFaults()
        try await bench.expectAgreement("gone all the same")
    }

    @Test("delete: a set that is gone, and that the catalog cannot forget, is not called deleted")
    func remembered() async throws {
        let bench = try Bench(Layout.two.host())
        let set = try await bench.create(Layout.two.targets, name: "new")
        bench.host.inject(Fault(.fails, at: .every("remove from catalog")))
        // A person is faster.
        for member in set.members { bench.host.interfere(before: "mark deleting", .removeSnapshot(of: member.volume)) }
        let error = await #expect(throws: SnapshotError.self) { try await bench.delete("new") }
        #expect(error?.code == .partial)
        bench.host.clearFaults()
        try await bench.delete("new")
        try await bench.expectAgreement("remembered")
    }

    @Test("delete: of many sets, one that is in use, one that is unknown and one that is held keep no other")
    func many() async throws {
        let bench = try Bench(Layout.two.host())
        let before = bench.host.state
        var sets: [SnapshotSet] = []
        for index in 0..<20 { sets.append(try await bench.create(Layout.two.targets, name: "s\(index)")) }
        bench.host.setOpen(sets[3].members[1].snapshot, true)
        let progress = NoProgress()
        _ = try await bench.engine().change("s5", .hold(SetHold(reason: "audit")), progress: progress)
        let names = sets.map(\.name) + ["nobody", sets[0].id, sets[19].id]
        let results = try await bench.delete(names)
        #expect(results.count == names.count)
        for (name, result) in zip(names, results) {
            switch result {
            case .success(let set): #expect(set.name == name || set.id == name)
            case .failure(let error):
                #expect(error.code == ["s3": .partial, "s5": .refused, "nobody": .usage][name], "\(name): \(error)")
            }
        }
        #expect(try await bench.engine().list().map(\.name) == ["s3", "s5"])
        #expect(bench.host.catalog.map(\.name) == ["s5"])
        bench.host.setOpen(sets[3].members[1].snapshot, false)
        #expect(try await bench.recover().failures == [])
        _ = try await bench.engine().change("s5", .unhold, progress: progress)
        try await bench.delete("s5")
        #expect(bench.host.state == before)
        bench.expectOrder("many")
    }

    @Test("delete: a member that a person took a thick snapshot of keeps its set, and the snapshot")
    func thickSnapshot() async throws {
        let bench = try Bench(Layout.three.host())
        let before = bench.host.state
        let set = try await bench.create(Layout.three.targets, name: "new")
        let snapshot = set.members[1].snapshot
        bench.host.addThickSnapshot("vg9/mine", of: snapshot)
        let after = bench.host.state
        let error = await #expect(throws: SnapshotError.self) { try await bench.delete("new") }
        #expect(error?.code == .refused)
        #expect(error?.message.contains("vg9/mine") == true)
        #expect(error?.message.contains(snapshot) == true)
        #expect(bench.host.state == after)
        #expect(try await bench.engine().show("new").state == .complete)
        // One that came after the mark, while its command died: recover leaves it, too.
        bench.host.removeOther("vg9/mine")
        bench.host.inject(Fault(.engineDies, at: .first("remove from catalog")))
        _ = try? await bench.delete("new")
        bench.host.clearFaults()
        bench.host.addThickSnapshot("vg9/mine", of: snapshot)
        #expect(try await bench.recover().failures.count == 1)
        #expect(bench.host.sets.map(\.state) == [.deleting])
        bench.host.removeOther("vg9/mine")
        #expect(try await bench.recover().failures == [])
        #expect(bench.host.state == before)
        bench.expectOrder("thick snapshot")
    }

    @Test("delete: the catalog is changed once for a batch")
    func batches() async throws {
        let bench = try Bench(Layout.two.host())
        let names = (0..<33).map { "s\($0)" }
        for name in names { try await bench.create(Layout.two.targets, name: name) }
        bench.host.inject()
        for result in try await bench.delete(names) { _ = try result.get() }
        #expect(bench.host.trace.count { $0.name == "remove from catalog" } == 2)
        #expect(bench.host.catalog == [])
        bench.expectOrder("batches")
    }

    @Test(
        "delete: a set whose disks went away meanwhile is not called deleted, and keeps no other",
        arguments: [true, false])
    func disksGone(isFirst: Bool) async throws {
        let host = SimulatedHost()
        for (group, point) in [("vg0", "/near"), ("vg1", "/far")] {
            host.addPool("\(group)/pool")
            host.addVolume("\(group)/v", pool: "\(group)/pool")
            host.mount("ext4", on: ["\(group)/v"], at: point)
        }
        let bench = try Bench(host)
        try await bench.create(["/near"], name: "near")
        try await bench.create(["/far"], name: "far")
        host.interfere(before: "mark deleting", .loseGroup("vg1"))
        let results = try await bench.delete(isFirst ? ["far", "near"] : ["near", "far"])
        let far = #expect(throws: SnapshotError.self) { try results[isFirst ? 0 : 1].get() }
        #expect(far?.code == .partial)
        #expect(try results[isFirst ? 1 : 0].get().name == "near")
        host.findGroups()
        #expect(host.sets.map(\.name) == ["far"])
        try await bench.delete("far")
        #expect(host.sets.isEmpty)
        try await bench.expectAgreement("disks gone")
    }

    @Test("delete: who is interrupted has deleted whole sets, and says which were not tried")
    func interrupted() async throws {
        let bench = try Bench(Layout.two.host())
        for index in 0..<20 { try await bench.create(Layout.two.targets, name: "s\(index)") }
        let results = try await Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await bench.delete((0..<20).map { "s\($0)" })
        }.value
        #expect(results.isEmpty)
        #expect(bench.host.sets.count == 20)
        try await bench.expectAgreement("interrupted")
    }

    @Test("delete: a degraded set goes too, whichever member it lost", arguments: 1...3)
    func degraded(lost: Int) async throws {
        let bench = try Bench(Layout.three.host())
        let before = bench.host.state
        let set = try await bench.create(Layout.three.targets, name: "new")
        bench.host.removeFromOutside(set.members[lost - 1].snapshot)
        #expect(try await bench.engine().show("new").state == .degraded)
        try await bench.delete("new")
        #expect(bench.host.state == before)
        #expect(bench.host.catalog == [])
        bench.expectOrder("member \(lost) lost")
    }

    @Test("delete: a set of which nothing is left but the catalog's memory")
    func lost() async throws {
        let bench = try Bench(Layout.two.host())
        let set = try await bench.create(Layout.two.targets, name: "new")
        for member in set.members { bench.host.removeFromOutside(member.snapshot) }
        #expect(try await bench.engine().list().map(\.state) == [.degraded])
        try await bench.delete("new")
        #expect(try await bench.engine().list() == [])
    }

    @Test("delete: a member in use keeps the rest deletable, and the set is not called complete")
    func inUse() async throws {
        let bench = try Bench(Layout.three.host())
        let before = bench.host.state
        let set = try await bench.create(Layout.three.targets, name: "new")
        bench.host.setOpen(set.members[2].snapshot, true)
        let error = await #expect(throws: SnapshotError.self) { try await bench.delete("new") }
        #expect(error?.code == .partial)
        #expect(error?.causes.isEmpty == false)
        #expect(try await bench.engine().show("new").state == .deleting)
        #expect(try await bench.recover().failures.count == 1)
        bench.host.setOpen(set.members[2].snapshot, false)
        #expect(try await bench.recover().failures == [])
        #expect(bench.host.state == before)
        bench.expectOrder("in use")
    }
}
