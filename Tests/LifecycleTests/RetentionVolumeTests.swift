import Foundation
import SetModel
import Testing

@testable import Lifecycle

/// What becomes of the sets of volumes that newer sets no longer have, and who looks after sets.
struct RetentionVolumeTests {
    let now = Date(timeIntervalSince1970: 1_795_435_200)

    private func set(
        _ id: String, _ daysAgo: Double, _ volumes: String..., gone: Set<String> = [],
        _ change: (inout RetainedSet) -> Void = { _ in }
    ) -> RetainedSet {
        .made(id, now - daysAgo * day) {
            $0.origins = volumes.map { RetainedOrigin(id: $0, name: "vg/" + $0, isGone: gone.contains($0)) }
            $0.volumesGone = !volumes.isEmpty && gone.isSuperset(of: volumes)
            change(&$0)
        }
    }

    /// `a` goes on, `b` was removed or is no longer meant.
    private func mixed(gone: Set<String>) -> [RetainedSet] {
        [
            set("old", 9, "a", "b", gone: gone), set("last", 8, "a", "b", gone: gone),
            set("1", 3, "a"), set("2", 2, "a"), set("3", 1, "a"),
        ]
    }

    private func plan(_ sets: [RetainedSet], _ change: (inout RetentionPolicy) -> Void = { _ in }) throws
        -> RetentionPlan
    {
        let policy = RetentionPolicy.ruled(try RetainRule(count: 2), change)
        return RetentionPlan(sets: sets, policies: [policy, .byHand], now: now)
    }

    @Test("the last set of a volume stays when others go on without it", arguments: [[], ["b"]] as [Set<String>])
    func last(gone: Set<String>) throws {
        let plan = try plan(mixed(gone: gone))
        #expect(
            plan.verdicts == [
                "old": "delete unwanted", "last": "keep newestOfVolumes", "1": "delete unwanted", "2": "keep wanted",
                "3": "keep newestComplete",
            ])
        let last = try #require(plan.decisions.first { $0.set.id == "last" })
        #expect(last.reason.sentence == "the newest set of volume vg/b")
        // A volume that is there has its set by the rules; one that is gone, by this alone.
        #expect(plan.decisions.filter(\.isOrphan).map(\.set.id) == (gone.isEmpty ? [] : ["last"]))
        // What goes relies on a set with each of its volumes.
        #expect(plan.holders["old"] == ["a": ["last", "2", "3"], "b": ["last"]])
        #expect(plan.holders["1"] == ["a": ["last", "2", "3"]])
        // Done once, nothing is left to do, and it stays for good.
        let later = plan.outcome + [set("4", 0, "a")]
        #expect(try self.plan(later).verdicts["last"] == "keep newestOfVolumes")
    }

    @Test("with a newer set of the volume it goes like any other")
    func followed() throws {
        let plan = try plan(mixed(gone: []) + [set("4", 0.5, "a", "b")])
        #expect(plan.verdicts["last"] == "delete unwanted" && plan.kept == ["3", "4"])
    }

    @Test("extendDeletion is for volumes that are gone, and for no others", arguments: [true, false])
    func extended(isGone: Bool) throws {
        let plan = try plan(mixed(gone: isGone ? ["b"] : [])) { $0.extendDeletion = true }
        #expect(plan.verdicts["last"] == (isGone ? "delete unwanted" : "keep newestOfVolumes"))
    }

    @Test("what is made anew every day under its name leaves no set each day; what is not made anew does")
    func recreated() throws {
        let sets = (0..<9).map { day in
            set("\(day)", Double(9 - day), "a", gone: ["b"]) {
                $0.origins.append(RetainedOrigin(id: "scratch\(day)", name: "vg/scratch", isGone: day < 8))
                if day == 1 { $0.origins.append(RetainedOrigin(id: "b", name: "vg/b", isGone: true)) }
            }
        }
        let plan = try plan(sets)
        #expect(plan.kept == ["1", "7", "8"])
        #expect(plan.verdicts["1"] == "keep newestOfVolumes")
        #expect(plan.decisions.filter(\.isOrphan).map(\.set.id) == ["1"])
        // Who made it anew by mistake may still want what was in the last one.
        let narrow = try self.plan(sets) { $0.schedules[0].rule = (try? RetainRule(count: 1)) ?? $0.schedules[0].rule }
        #expect(narrow.kept == ["1", "7", "8"])
        let last = try #require(narrow.decisions.first { $0.set.id == "7" })
        #expect(last.reason.sentence == "the newest set of volume vg/scratch (before it was made anew)")
        #expect(narrow.decisions.filter(\.isOrphan).map(\.set.id) == ["1"])
        #expect(try self.plan(narrow.outcome).gone.isEmpty)
        // The last one is the last one also where only a degraded set has it.
        let degraded = sets.map { set in
            var set = set
            if set.id == "7" { set.state = .degraded }
            return set
        }
        #expect(try self.plan(degraded).verdicts["7"] == "keep newestOfVolumes")
    }

    @Test("of several volumes that are gone each keeps its own; older ones expire")
    func several() throws {
        let gone: Set<String> = ["b", "c"]
        let sets = [
            set("b1", 9, "b", gone: gone), set("b2", 8, "b", gone: gone), set("c1", 7, "c", gone: gone),
            set("c2", 6, "c", gone: gone), set("a", 1, "a"),
        ]
        let plan = try plan(sets) { ($0.orphans, $0.orphanAge) = (.expire, RetainAge(1, .days)) }
        #expect(plan.gone == ["b1", "c1"])
        #expect(plan.verdicts["b2"] == "keep newestOfVolumes" && plan.verdicts["c2"] == "keep newestComplete")
        #expect(plan.decisions.filter(\.isOrphan).map(\.set.id) == ["b1", "b2", "c1", "c2"])
    }

    @Test("what does not count is no last one; a degraded set is, where no complete one has the volume")
    func counting() throws {
        for (verdict, change) in [
            ("keep inTrash", { $0.purgeAt = now + day }), ("keep unfinished", { $0.state = .staged }),
            ("keep aheadOfClock", { $0.createdAt = now + day }), ("notOurs otherPolicy", { $0.policy = "q" }),
            ("delete unwanted", { $0.state = .degraded }),
        ] as [(String, (inout RetainedSet) -> Void)] {
            let newer = set("newer", 7, "a", "b") { change(&$0) }
            let plan = try plan(mixed(gone: []) + [newer])
            #expect(plan.verdicts["newer"] == verdict && plan.verdicts["last"] == "keep newestOfVolumes", "\(verdict)")
        }
        let rest = [
            set("r1", 9, "b") { $0.state = .degraded }, set("r2", 8, "b") { $0.state = .degraded },
            set("1", 3, "a"), set("2", 2, "a"),
        ]
        #expect(try plan(rest).verdicts["r1"] == "delete unwanted")
        #expect(try plan(rest).verdicts["r2"] == "keep newestOfVolumes")
    }

    @Test("not under pool pressure either; sets by hand have no floor")
    func limits() throws {
        var sets = mixed(gone: ["b"])
        for index in sets.indices { sets[index].shares = [PoolShare(pool: "vg/pool", exclusiveBytes: 0)] }
        let policy = RetentionPolicy.ruled(try RetainRule(count: 9)) { $0.poolPressure = 50 }
        let pools = [PoolUsage(name: "vg/pool", sizeBytes: 100, dataPercent: 99)]
        #expect(RetentionPlan(sets: sets, policies: [policy], pools: pools, now: now).kept == ["last", "3"])
        let byHand = set("hand", 3, "b", gone: ["b"]) { ($0.policy, $0.schedules, $0.expiresAt) = (nil, [], now) }
        #expect(try plan([byHand]).verdicts["hand"] == "delete expired")
    }

    @Test("the last set of every volume that a policy ever had is there at any time")
    func simulation() throws {
        var numbers = SeededNumbers(seed: 7)
        var sets: [RetainedSet] = []
        var last: [String: String] = [:]
        var targets: Set<String> = ["a", "b", "c"]
        for step in 0..<400 {
            if numbers.chance(10) { targets = Set(["a", "b", "c", "d", "e"].filter { _ in numbers.chance(50) }) }
            if targets.isEmpty { targets = ["a"] }
            let time = now + Double(step) * 3600
            var made = RetainedSet.made("\(step)", time)
            made.origins = targets.sorted().map { RetainedOrigin(id: $0, name: $0) }
            for target in targets { last[target] = made.id }
            sets.append(made)
            let policy = RetentionPolicy.ruled(try RetainRule(count: 3))
            sets = RetentionPlan(sets: sets, policies: [policy], now: time).outcome
            #expect(Set(last.values).isSubset(of: sets.map(\.id)), "\(step)")
            #expect(sets.count <= 3 + 5)
        }
    }

    @Test("an orphan is one whatever keeps it, and nothing else is")
    func orphans() throws {
        let sets = [
            set("floor", 9) { $0.schedules = ["renamed"] },
            set("held", 8) { ($0.schedules, $0.holds) = (["renamed"], [SetHold(reason: "audit")]) },
            set("degraded", 7) { ($0.schedules, $0.state) = (["renamed"], .degraded) },
            set("trash", 6) { ($0.schedules, $0.purgeAt) = (["renamed"], now + day) },
            set("staged", 5) { ($0.schedules, $0.state) = (["renamed"], .staged) },
            set("given up", 4.5) { $0.schedules = ["s", "renamed"] },
            set("shared", 4) { $0.schedules = ["s", "renamed"] },
            set("gone", 3) { $0.volumesGone = true }, set("hand", 2) { ($0.policy, $0.schedules) = (nil, []) },
            set("outside", 2) { $0.schedules = [] }, set("other", 2) { $0.policy = "q" },
            set("unknown", 2) { $0.isUnknown = true }, set("fine", 1),
        ]
        let plan = try plan(sets)
        #expect(
            Set(plan.decisions.filter(\.isOrphan).map(\.set.id)) == ["floor", "held", "degraded", "given up", "gone"])
        // Alone, and so kept as the newest.
        #expect(try self.plan([sets[0]]).decisions.map(\.isOrphan) == [true])
        #expect(try self.plan([sets[7]]).verdicts["gone"] == "keep newestComplete")
        #expect(try self.plan([sets[7]]).decisions.map(\.isOrphan) == [true])
        let abandoned = RetentionPlan(
            sets: [set("a", 2), set("b", 1), set("c", 3) { $0.holds = [SetHold(reason: "x")] }],
            policies: [.gone("p", orphans: .expire, orphanAge: RetainAge(1, .days))], now: now)
        #expect(abandoned.decisions.map(\.isOrphan) == [true, true, true])
    }
}
