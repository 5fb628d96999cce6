import Foundation
import SetModel
import Testing

@testable import Lifecycle

/// Who decides about a set, and in which order.
struct RetentionDecisionTests {
    let now = Date(timeIntervalSince1970: 1_795_435_200)  // 2026-11-23 12:00 UTC

    private func set(_ id: String, daysAgo: Double, _ change: (inout RetainedSet) -> Void = { _ in }) -> RetainedSet {
        .made(id, now - daysAgo * day, change)
    }

    private func plan(_ policy: RetentionPolicy, _ sets: RetainedSet...) -> RetentionPlan {
        RetentionPlan(sets: sets, policies: [policy], now: now)
    }

    /// A set that everything protects loses one protection after the other.
    @Test("protections in their order")
    func precedence() throws {
        var policy = RetentionPolicy.ruled(try RetainRule(count: 1, slots: [.daily: 1], keepLast: 2)) {
            $0.isEnabled = false
            $0.pauseAfterFailures = 3
            $0.failures = 3
        }
        var set = set("a", daysAgo: 1) {
            $0.policy = "other"
            $0.holds = [SetHold(reason: "audit")]
            $0.purgeAt = now + day
            $0.state = .staged
            $0.expiresAt = now + day
        }
        var others: [RetainedSet] = []
        let newer = (0...2).map { self.set("n\($0)", daysAgo: 0.1 * Double($0)) }
        func step(_ expected: String, _ sentence: String, _ change: () throws -> Void) rethrows {
            try change()
            let plan = RetentionPlan(sets: others + [set], policies: [policy], now: now)
            let decision = plan.decisions.first { $0.set.id == "a" }
            #expect(plan.verdicts["a"] == expected)
            #expect(decision?.reason.sentence == sentence)
        }
        step("notOurs otherPolicy", "belongs to policy other") {}
        step("keep held", "held: audit") { set.policy = "p" }
        step("keep inTrash", "in trash until 2026-11-24T12:00:00Z") { set.holds = [] }
        step("keep unfinished", "not complete yet") { set.purgeAt = nil }
        step("keep beingDeleted", "already being deleted") { set.state = .deleting }
        step("keep newestComplete", "the newest complete set") { set.state = .complete }
        step("keep keepLast", "always kept by s (last 2 of 2)") { others = [newer[0]] }
        try step("keep wanted", "wanted by s (count 3 of 3)") {
            others = newer.dropLast()
            policy.schedules[0].rule = try RetainRule(count: 3, keepLast: 2)
        }
        step("keep notExpired", "expires 2026-11-24T12:00:00Z") { others = newer }
        step("keep policyDisabled", "would go, but its policy is disabled") { set.expiresAt = now }
        step("keep paused", "would go, but the last 3 runs of a schedule failed") { policy.isEnabled = true }
        step("delete unwanted", "no longer wanted by s (count 3, last 2)") { policy.failures = 2 }
    }

    @Test("the words of what goes otherwise")
    func words() {
        #expect(RetentionReason.otherPolicy(nil).sentence == "belongs to no policy")
        #expect(RetentionReason.held(SetHold(reason: "x", until: now)).sentence == "held until 2026-11-23T12:00:00Z: x")
        #expect(RetentionReason.trashEnded(now).sentence == "its time in trash ended 2026-11-23T12:00:00Z")
        #expect(RetentionReason.expired(now).sentence == "expired 2026-11-23T12:00:00Z")
        #expect(
            RetentionReason.poolPressure(pool: "vg/pool", .metadata, percent: 93.2, above: 90).sentence
                == "metadata of pool vg/pool is 93.2 % full, above 90.0 %")
        #expect(RetentionReason.newestOfVolumes(["vg/a"]).sentence == "the newest set of volume vg/a")
        #expect(
            RetentionReason.newestOfVolumes(["vg/a", "vg/b"]).sentence == "the newest set of volumes vg/a and vg/b")
        #expect(
            RetentionReason.schedulesGone(["a", "b"]).sentence == "orphan: the policy no longer has schedule a, b")
    }

    @Test("a hold ends by itself; of several the longest counts")
    func holds() throws {
        let policy = RetentionPolicy.ruled(try RetainRule(count: 1))
        func verdict(_ ends: Date?...) -> RetentionDecision? {
            let held = set("a", daysAgo: 3) { $0.holds = ends.map { SetHold(reason: "x", until: $0) } }
            return plan(policy, set("n", daysAgo: 0), held).decisions.first
        }
        #expect(verdict(now)?.action == .delete)
        #expect(verdict(now + 1)?.reason == .held(SetHold(reason: "x", until: now + 1)))
        #expect(verdict(now - 1, now + 2, now + 1)?.reason == .held(SetHold(reason: "x", until: now + 2)))
        #expect(verdict(now + 2, nil)?.reason == .held(SetHold(reason: "x")))
    }

    @Test("a set of several schedules goes when none wants it")
    func membership() throws {
        let short = RetentionSchedule(id: "s", rule: try RetainRule(count: 1))
        let long = RetentionSchedule(id: "t", rule: try RetainRule(count: 2))
        let policy = RetentionPolicy(id: "p", schedules: [short, long])
        let sets = [
            set("a", daysAgo: 4) { $0.schedules = ["s", "t"] }, set("b", daysAgo: 3) { $0.schedules = ["s", "t"] },
            set("c", daysAgo: 2) { $0.schedules = ["t"] }, set("d", daysAgo: 1),
        ]
        let plan = RetentionPlan(sets: sets, policies: [policy], now: now)
        #expect(
            plan.verdicts == [
                "a": "delete unwanted", "b": "keep wanted", "c": "keep keepLast", "d": "keep newestComplete",
            ])
        #expect(
            plan.decisions.map(\.reason.sentence) == [
                "no longer wanted by s (count 1, last 1), t (count 2, last 1)", "wanted by t (count 2 of 2)",
                "always kept by t (last 1 of 1)", "the newest complete set",
            ])
    }

    @Test("count with age: it goes when it is too old and too many")
    func countAndAge() throws {
        let policy = RetentionPolicy.ruled(try RetainRule(count: 2, age: age("3d")))
        let paused = plan(policy, set("a", daysAgo: 9), set("b", daysAgo: 8), set("c", daysAgo: 7))
        #expect(paused.kept == ["b", "c"])
        let burst = plan(policy, set("a", daysAgo: 0.3), set("b", daysAgo: 0.2), set("c", daysAgo: 0.1))
        #expect(burst.kept == ["a", "b", "c"])
    }

    @Test(
        "a changed age",
        arguments: [
            // expires in days, the age of today, recompute: kept?
            (2, "1d", .new, "keep notExpired"), (2, "1d", .all, "delete unwanted"),
            (-1, "9d", .new, "delete unwanted"), (-1, "9d", .all, "keep wanted"),
            (nil, "9d", .new, "keep wanted"), (nil, "1d", .new, "delete unwanted"),
        ] as [(Double?, String, RetentionPolicy.Recompute, String)])
    func recompute(expires: Double?, text: String, recompute: RetentionPolicy.Recompute, verdict: String) throws {
        let policy = RetentionPolicy.ruled(try RetainRule(age: age(text))) { $0.recompute = recompute }
        let old = set("a", daysAgo: 5) { $0.expiresAt = expires.map { now + $0 * day } }
        #expect(plan(policy, set("n", daysAgo: 0), old).verdicts["a"] == verdict)
    }

    @Test("the expiry of a new set is the longest age of its schedules")
    func expiry() throws {
        let policy = RetentionPolicy(
            id: "p",
            schedules: [
                RetentionSchedule(id: "s", rule: try RetainRule(age: age("2w"))),
                RetentionSchedule(id: "t", rule: try RetainRule(age: age("1mo")), timeZone: try zone("Asia/Tokyo")),
                RetentionSchedule(id: "u", rule: try RetainRule(count: 3)),
            ])
        let created = try moment("2026-01-31 20:00")  // 1 February in Tokyo
        #expect(policy.expiry(createdAt: created, schedules: ["s", "u"]) == created + 14 * day)
        let inTokyo = try moment("2026-02-28 20:00")
        #expect(policy.expiry(createdAt: created, schedules: ["s", "t"]) == inTokyo)
        #expect(policy.expiry(createdAt: created, schedules: ["u"]) == nil)
    }

    @Test("degraded sets: as long as they would be wanted whole, or nothing newer is complete")
    func degraded() throws {
        let policy = RetentionPolicy.ruled(try RetainRule(count: 3))
        func broken(_ id: String, _ days: Double) -> RetainedSet { set(id, daysAgo: days) { $0.state = .degraded } }
        let mixed = plan(
            policy, broken("a", 0), set("b", daysAgo: 1), broken("c", 2), broken("d", 3), set("e", daysAgo: 4),
            set("f", daysAgo: 5), set("g", daysAgo: 6))
        #expect(
            mixed.verdicts == [
                "a": "keep noNewerComplete", "b": "keep newestComplete", "c": "keep wantedIfWhole",
                "d": "delete unwanted", "e": "keep wanted", "f": "keep wanted", "g": "delete unwanted",
            ])
        #expect(plan(policy, broken("a", 1), broken("b", 500)).gone.isEmpty)
    }

    @Test("what no longer counts takes no place")
    func uncounted() throws {
        let policy = RetentionPolicy.ruled(try RetainRule(count: 1, slots: [.daily: 1]))
        let good = set("a", daysAgo: 9)
        #expect(
            plan(
                policy, good, set("b", daysAgo: 1) { $0.state = .staged },
                set("c", daysAgo: 2) { $0.state = .deleting }, set("d", daysAgo: 3) { $0.state = .degraded },
                set("e", daysAgo: 4) { $0.purgeAt = now + day }, set("f", daysAgo: 5) { $0.volumesGone = true }
            ).verdicts["a"] == "keep newestComplete")
    }

    @Test(
        "orphans of schedules that are gone",
        arguments: [
            (.keep, nil, -1, "keep schedulesGone"), (.expire, nil, -1, "delete expired"),
            (.expire, nil, 1, "keep notExpired"), (.expire, nil, nil, "keep schedulesGone"),
            (.expire, "9d", nil, "delete expired"), (.expire, "11d", nil, "keep notExpired"),
            (.expire, "11d", -1, "keep notExpired"),
        ] as [(RetentionPolicy.WhenLeft, String?, Double?, String)])
    func schedulesGone(orphans: RetentionPolicy.WhenLeft, text: String?, expires: Double?, verdict: String) throws {
        let policy = RetentionPolicy.ruled(try RetainRule(count: 5)) {
            $0.orphans = orphans
            $0.orphanAge = text.flatMap(RetainAge.init(_:))
        }
        let orphan = set("a", daysAgo: 10) {
            $0.schedules = ["renamed"]
            $0.expiresAt = expires.map { now + $0 * day }
        }
        #expect(plan(policy, set("n", daysAgo: 1), orphan).verdicts["a"] == verdict)
        #expect(plan(policy, orphan).verdicts["a"] == "keep newestComplete")
    }

    @Test(
        "orphans of volumes that are gone: by age, with extendDeletion up to and including the last",
        arguments: [
            (.keep, false, "keep newestComplete", "keep volumesGone"),
            (.expire, false, "keep newestComplete", "delete expired"),
            (.keep, true, "delete expired", "delete expired"), (.expire, true, "delete expired", "delete expired"),
        ] as [(RetentionPolicy.WhenLeft, Bool, String, String)])
    func volumesGone(orphans: RetentionPolicy.WhenLeft, extend: Bool, newer: String, older: String) throws {
        var policy = RetentionPolicy.ruled(try RetainRule(count: 5, age: age("3d"))) {
            $0.orphans = orphans
            $0.extendDeletion = extend
        }
        let sets = [6.0, 5].map { days in set("\(Int(days))", daysAgo: days) { $0.volumesGone = true } }
        let alone = RetentionPlan(sets: sets, policies: [policy], now: now)
        #expect(alone.verdicts == ["5": newer, "6": older])
        let accompanied = plan(policy, sets[0], sets[1], set("n", daysAgo: 9))
        #expect(accompanied.verdicts == ["5": newer, "6": older, "n": "keep newestComplete"])
        // By count alone nothing says when.
        policy.schedules[0].rule = try RetainRule(count: 1)
        #expect(RetentionPlan(sets: sets, policies: [policy], now: now).gone.isEmpty)
        policy.orphanAge = try age("4d")
        #expect(RetentionPlan(sets: sets, policies: [policy], now: now).verdicts == ["5": newer, "6": older])
    }

    @Test(
        "sets made by hand go by their own expiry",
        arguments: [
            (nil, false, "keep noExpiry"), (1, false, "keep notExpired"), (0, false, "delete expired"),
            (nil, true, "keep volumesGone"), (1, true, "keep notExpired"), (0, true, "delete expired"),
        ] as [(Double?, Bool, String)])
    func byHand(expires: Double?, volumesGone: Bool, verdict: String) {
        let made = set("a", daysAgo: 3) {
            $0.policy = nil
            $0.schedules = []
            $0.expiresAt = expires.map { now + $0 * day }
            $0.volumesGone = volumesGone
        }
        #expect(plan(.byHand, made).verdicts["a"] == verdict)
        #expect(plan(RetentionPolicy(id: "p"), made).verdicts["a"] == "notOurs otherPolicy")
    }

    @Test("a run outside of the schedules: by its own expiry, under the policy's floor")
    func unscheduled() throws {
        let policy = RetentionPolicy.ruled(try RetainRule(count: 1))
        func made(_ id: String, _ days: Double, _ expires: Double?) -> RetainedSet {
            set(id, daysAgo: days) {
                $0.schedules = []
                $0.expiresAt = expires.map { now + $0 * day }
            }
        }
        let plan = plan(policy, made("a", 1, -0.5), made("b", 2, -1), made("c", 3, nil), set("d", daysAgo: 4))
        #expect(
            plan.verdicts == [
                "a": "keep newestComplete", "b": "delete expired", "c": "keep noExpiry", "d": "keep keepLast",
            ])
    }

    @Test("a disabled policy deletes when it is told to")
    func disabled() throws {
        let policy = RetentionPolicy.ruled(try RetainRule(count: 1)) {
            $0.isEnabled = false
            $0.whenDisabled = .expire
        }
        #expect(plan(policy, set("a", daysAgo: 1), set("b", daysAgo: 2)).verdicts["b"] == "delete unwanted")
    }

    @Test("each set once, oldest first, whatever the order of policies; sets of one second by id")
    func order() throws {
        let sets = [set("b", daysAgo: 1), set("a", daysAgo: 1), set("c", daysAgo: 2), set("d", daysAgo: 0)]
        let other = set("e", daysAgo: 3) { $0.policy = "q" }
        let policies = [RetentionPolicy.ruled(try RetainRule(count: 2)), RetentionPolicy(id: "q")]
        let plan = RetentionPlan(sets: sets + [other], policies: policies, now: now)
        #expect(plan.decisions.map(\.set.id) == ["e", "c", "a", "b", "d"])
        #expect(plan.kept == ["e", "b", "d"])
        #expect(RetentionPlan(sets: [other] + sets, policies: policies.reversed(), now: now) == plan)
        #expect(RetentionPlan(sets: [], policies: policies, now: now).decisions.isEmpty)
    }
}
