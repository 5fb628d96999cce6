import Foundation
import SetModel
import Simulation
import Testing

@testable import Commands

/// Holds, tags, trash, orphans, default policies, over simulated volumes.
struct LifecycleCommandTests {
    private let hourly = PolicyHost.hourly(keeping: 1)

    @Test("a set that is held stays, until it is released or its hold is over")
    func holds() async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        try host.policy("shop", hourly)
        _ = await host.run("run")
        await host.passHours(1)
        let name = try #require(host.host.sets.first?.name)
        #expect(await host.run("hold \(name) --reason audit --for 4h").output == "held \(name)\n")
        await host.passHours(2)
        #expect(host.host.sets.contains { $0.name == name })
        #expect(await host.run("plan").output.contains("held until 2026-11-23T15:10:00Z: audit"))
        let refusal = await host.run("delete \(name)")
        #expect(refusal.code == .refused && refusal.messages.contains("stillpoint release \(name)"), "\(refusal)")
        #expect(await host.run("list").output.contains("held"))
        await host.passHours(2)
        #expect(!host.host.sets.contains { $0.name == name })
        let other = try #require(host.host.sets.first?.name)
        _ = await host.run("hold \(other) --reason audit")
        await host.passHours(1)
        #expect(host.host.sets.count == 2)
        #expect(await host.run("release \(other)").output == "released \(other)\n")
        #expect(await host.run("prune").output == "deleted \(other)\n")
        #expect(host.host.violations.isEmpty)
    }

    @Test("sets that are there twice stay, as the plan says, until one of the two volume groups is gone")
    func twice() async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        try host.policy("shop", PolicyHost.hourly(keeping: 3))
        _ = await host.run("run")
        await host.passHours(3)
        try host.policy("shop", hourly)
        host.host.copyGroup("vg0", to: "vg9")
        #expect(await host.run("plan").output.contains("held: two volume groups have it; see `lvs -a -o+lv_tags`"))
        let prune = await host.run("prune")
        #expect(prune.code == .done, "\(prune)")
        #expect(host.host.sets.count == 3)
        host.host.removeGroup("vg9")
        #expect(await host.run("prune").code == .done)
        #expect(host.host.sets.count == 1)
        #expect(host.host.violations.isEmpty)
    }

    @Test("tags are added, changed and removed, and choose sets")
    func tags() async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        for (name, tags) in [("one", "env=prod"), ("two", "env=test"), ("three", "")] {
            let words = tags.isEmpty ? "" : " --tag \(tags)"
            #expect(await host.run("create /a /b --name \(name)\(words)").code == .done)
            host.pass(60)
        }
        #expect(await host.run("tag three env=prod-2 owner=größe").code == .done)
        #expect(await host.run("tag one env=production owner=me").code == .done)
        #expect(await host.run("tag two env-").code == .done)
        #expect(host.host.sets.first { $0.name == "one" }?.tags == ["env": "production", "owner": "me"])
        for (selectors, names) in [
            ("--tag env", ["one", "three"]), ("--tag env=prod*", ["one", "three"]), ("--tag !env", ["two"]),
            ("--tag env=production", ["one"]), ("--tag env=prod* --tag owner=me", ["one"]), ("--tag e?v=x", []),
            ("--policy -", ["one", "two", "three"]), ("--policy shop", []),
        ] {
            let listed = await host.run("list --quiet \(selectors)").output.split(separator: "\n").map(String.init)
            #expect(listed == names, "\(selectors)")
        }
        #expect(await host.run("delete").code == .usage)
        #expect(await host.run("delete one --tag env").code == .usage)
        #expect(await host.run("tag one =x").code == .usage)
        #expect(await host.run("tag one a=b a-").code == .usage)
        // To Swift, `=` and a combining mark are one character.
        #expect(await host.run("tag one mark=\u{301}-").code == .done)
        #expect(await host.run("list --quiet --tag mark=\u{301}*").output == "one\n")
        #expect(
            await host.run("list --quiet --tag stillpoint.state=complete --tag !stillpoint.policy").output
                == "one\ntwo\nthree\n")
        #expect(await host.run("delete --tag !env").output == "deleted two\n")
        #expect(host.host.sets.map(\.name).sorted() == ["one", "three"])
        #expect(host.host.violations.isEmpty)
    }

    @Test("a set has at most 45 tags")
    func tooManyTags() async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        _ = await host.run("create /a --name one")
        let tags = (1...45).map { "k\($0)=v" }.joined(separator: " ")
        #expect(await host.run("tag one \(tags)").code == .done)
        let run = await host.run("tag one another=v")
        #expect(run.code == .refused && run.messages.contains("46 tags"), "\(run)")
        #expect(await host.run("tag one another=v k1-").code == .done)
    }

    @Test("with a trash time sets go in two steps, and can be restored")
    func trash() async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        try host.policy("shop", hourly, more: "trash: 3h")
        _ = await host.run("run")
        await host.passHours(1)
        let name = try #require(host.host.sets.first?.name)
        host.pass(3600)
        #expect(await host.run("run").output.contains("moved to trash \(name)"))
        #expect(host.host.sets.first { $0.name == name }?.purgeAt != nil)
        #expect(await host.run("plan").output.contains("in trash until 2026-11-23T15:10:00Z"))
        #expect(await host.run("list").output.contains("trash until"))
        #expect(await host.run("restore \(name)").output == "restored \(name)\n")
        #expect(await host.run("restore \(name)").code == .refused)
        await host.passHours(2)
        #expect(host.host.sets.contains { $0.name == name && $0.purgeAt == nil })
        // Its hold is over, and it goes to trash again; then for good.
        await host.passHours(2)
        #expect(host.host.sets.first { $0.name == name }?.purgeAt != nil)
        await host.passHours(4)
        #expect(!host.host.sets.contains { $0.name == name })
        #expect(host.host.violations.isEmpty)
    }

    @Test("delete takes a set of a policy with a trash time to trash; again, or with --purge, it is removed")
    func deleteToTrash() async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        try host.policy("shop", PolicyHost.hourly(keeping: 9), more: "trash: 3h")
        _ = await host.run("run")
        await host.passHours(3)
        let names = host.host.sets.sorted { $0.createdAt < $1.createdAt }.map(\.name)
        #expect(await host.run("create /a --name own").code == .done)
        #expect(await host.run("delete \(names[0]) own").output == "deleted own\nmoved to trash \(names[0])\n")
        let end = try Date("2026-11-23T16:10:00Z", strategy: .iso8601)
        #expect(host.host.sets.first { $0.name == names[0] }?.purgeAt == end)
        #expect(await host.run("restore \(names[0])").code == .done)
        #expect(await host.run("release \(names[0])").code == .done)
        let byTag = await host.run("delete --policy shop")
        #expect(byTag.output == names.map { "moved to trash \($0)\n" }.joined(), "\(byTag)")
        #expect(await host.run("delete \(names[0])").output == "deleted \(names[0])\n")
        #expect(await host.run("restore \(names[1])").code == .done)
        #expect(await host.run("release \(names[1])").code == .done)
        #expect(await host.run("delete --purge \(names[1])").output == "deleted \(names[1])\n")
        // Nobody knows what a broken file says of trash.
        #expect(await host.run("restore \(names[2])").code == .done)
        #expect(await host.run("release \(names[2])").code == .done)
        try host.policy("shop", "nonsense")
        #expect(await host.run("create /a --name own").code == .done)
        let refusal = await host.run("delete \(names[2]) own")
        #expect(refusal.code == .partial && refusal.messages.contains("--purge"), "\(refusal)")
        #expect(refusal.output == "deleted own\n")
        #expect(await host.run("delete --purge \(names[2])").code == .done)
        #expect(host.host.sets.isEmpty && host.host.violations.isEmpty)
    }

    @Test("a hold is not shortened by another one, it has to be released first")
    func shorterHold() async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        #expect(await host.run("create /a --name one").code == .done)
        #expect(await host.run("hold one --reason legal").code == .done)
        let shorter = await host.run("hold one --reason test --for 1h")
        #expect(shorter.code == .refused && shorter.messages.contains("held: legal, which is longer"), "\(shorter)")
        #expect(host.host.sets.first?.hold?.reason == "legal")
        #expect(await host.run("release one").code == .done)
        #expect(await host.run("hold one --reason test --for 1h").code == .done)
        #expect(await host.run("hold one --reason more --for 2h").code == .done)
        #expect(await host.run("hold one --reason less --for 90m").code == .refused)
        // What is over holds nothing.
        host.pass(2 * 3600)
        #expect(await host.run("hold one --reason less --for 90m").code == .done)
    }

    @Test("sets of a policy that is gone are orphans: they stay, are shown, and can be adopted or released")
    func orphans() async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        try host.policy("old", "- {id: hourly, create: {every: 1h}, retain: {age: 2h, keepLast: 1}}")
        _ = await host.run("run")
        await host.passHours(2)
        #expect(await host.run("list --orphans --quiet").output.isEmpty)
        try host.remove("old")
        try host.policy("new", "- {id: h, create: {every: 1h}, retain: {count: 2}}")
        await host.passHours(5)
        let orphans = await host.run("list --orphans --quiet").output.split(separator: "\n").map(String.init)
        #expect(orphans.count == 2)
        #expect(await host.run("plan").output.contains("orphan: there is no policy old any more"))
        let name = try #require(orphans.first)
        #expect(await host.run("adopt \(name) --policy nobody").code == .usage)
        #expect(await host.run("adopt \(name) --policy new --schedule x").code == .usage)
        let adopted = await host.run("adopt \(name) --policy new")
        #expect(adopted.code == .done && adopted.messages.contains("the next run lets set \(name) go: "), "\(adopted)")
        let run = await host.run("prune")
        #expect(run.output == "deleted \(name)\n", "\(run)")
        // The other one: no policy, and its expiry is over.
        let last = try #require(host.host.sets.first { $0.policy == "old" }?.name)
        let released = await host.run("release \(last) --from-policy")
        #expect(released.code == .done && released.messages.contains("stillpoint hold \(last)"), "\(released)")
        #expect(await host.run("prune").output == "deleted \(last)\n")
        #expect(host.host.violations.isEmpty)
    }

    @Test("orphans expire when the host's settings say so, but for the last one")
    func expiringOrphans() async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        try host.configure("orphans: expire\n")
        let refusal = await host.run("run")
        #expect(refusal.code == .refused && refusal.messages.contains("orphanAge"), "\(refusal)")
        try host.configure("orphans: expire\norphanAge: 2d\n")
        try host.policy("old", "- {id: hourly, create: {every: 1h}, retain: {age: 3h}}")
        _ = await host.run("run")
        await host.passHours(3)
        try host.remove("old")
        #expect(host.owners.count == 3)
        // However old they are: the time counts from when the policy went.
        host.pass(40 * 86400)
        #expect(await host.run("run").code == .done)
        #expect(host.owners.count == 3)
        host.pass(86400)
        #expect(await host.run("run").code == .done)
        #expect(host.owners.count == 3)
        host.pass(86400)
        #expect(await host.run("run").code == .done)
        #expect(host.owners == ["old hourly"])
    }

    @Test("a default policy is for what no other one is for")
    func coverage() async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        #expect(await host.run("volumes --coverage --quiet").output == "vg0/a\nvg0/b\n")
        try host.policy("shop", hourly, targets: "[/a]")
        #expect(await host.run("volumes --coverage --quiet").output == "vg0/b\n")
        try host.defaultPolicy("rest", hourly)
        let report = await host.run("volumes --coverage")
        #expect(report.output.contains("rest") && report.output.contains("shop") && !report.output.contains("NONE"))
        _ = await host.run("run")
        await host.passHours(1)
        #expect(host.host.sets.first { $0.policy == "rest" }?.members.map(\.volume) == ["vg0/b"])
        try host.policy("shop", hourly, targets: "[/a, /b]")
        host.pass(3600)
        let run = await host.run("run")
        #expect(run.code == .done, "\(run)")
        #expect(host.host.sets.filter { $0.policy == "rest" }.count == 1)
        #expect(host.host.violations.isEmpty)
    }

    @Test("under pool pressure the oldest go first, one at a time, down to the floor")
    func poolPressure() async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        try host.policy("shop", PolicyHost.hourly(keeping: 5), more: "poolPressure: 80")
        _ = await host.run("run")
        await host.passHours(4)
        #expect(host.owners.count == 4)
        let oldest = try #require(host.host.sets.min { $0.createdAt < $1.createdAt }?.name)
        host.host.fill("vg0/pool", dataPercent: 85)
        let plan = await host.run("plan --output json")
        #expect(plan.output.contains("poolPressure"), "\(plan)")
        #expect(await host.run("prune").output == "deleted \(oldest)\n")
        // `run` looks again after each.
        let run = await host.run("run")
        #expect(run.code == .done)
        #expect(host.owners == ["shop hourly"])
    }

    @Test("the catalog is rebuilt from the tags")
    func reindex() async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        _ = await host.run("create /a /b --name one --tag k=v")
        _ = await host.run("hold one --reason audit")
        let before = host.host.catalog
        host.host.loseCatalog()
        #expect(await host.run("reindex").output == "indexed one\n")
        let after = host.host.catalog
        #expect(after.map(\.name) == before.map(\.name) && after.map(\.tags) == before.map(\.tags))
        #expect(after.first?.hold == SetHold(reason: "audit"))
        #expect(await host.run("reindex").output.isEmpty)
        for member in try #require(after.first).members { host.host.removeFromOutside(member.snapshot) }
        #expect(await host.run("reindex").output == "forgot one\n")
        #expect(host.host.catalog.isEmpty)
    }

    @Test("a default policy that cannot find out what it is for is in trouble, and says so")
    func brokenDefault() async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        try host.policy("shop", hourly, targets: "[/a]")
        try host.defaultPolicy("rest", hourly, more: "exclude: {volumes: [/a/below]}")
        _ = await host.run("run")
        host.pass(3600)
        let run = await host.run("run")
        #expect(run.code == .partial && run.messages.contains("rest: "), "\(run)")
        #expect(await host.run("policy list").output.contains("ERROR"))
    }

    @Test("a hold that is over is none: what is restored is held again")
    func endedHold() async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        try host.policy("shop", hourly, more: "trash: 5h")
        _ = await host.run("run")
        await host.passHours(1)
        let name = try #require(host.host.sets.first?.name)
        #expect(await host.run("hold \(name) --reason audit --for 1h").code == .done)
        await host.passHours(2)
        #expect(host.host.sets.first { $0.name == name }?.purgeAt != nil)
        #expect(await host.run("adopt \(name) --policy shop").code == .refused)
        #expect(await host.run("restore \(name)").code == .done)
        await host.passHours(2)
        #expect(host.host.sets.first { $0.name == name }?.purgeAt == nil)
    }

    @Test("a pool that gets no emptier keeps its sets after a few tries, and the run says why")
    func pressureInVain() async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        try host.policy("shop", PolicyHost.hourly(keeping: 9), more: "poolPressure: 80")
        _ = await host.run("run")
        await host.passHours(8)
        host.host.fill("vg0/pool", dataPercent: 85)
        let run = await host.run("run")
        #expect(run.code == .partial && run.messages.contains("vg0/pool is as full as before"), "\(run)")
        #expect(host.owners.count == 4)
    }
}
