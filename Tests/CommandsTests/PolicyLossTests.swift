import Foundation
import SetModel
import Simulation
import Snapshots
import SystemPackage
import Testing

@testable import Commands

/// What must not be lost: the last set of a volume, a failure, a missed run.
struct PolicyLossTests {
    private let hourly = PolicyHost.hourly(keeping: 2)

    /// A host with a volume `vg0/t` more, and a policy that has taken sets for some hours.
    private func hostWithThirdVolume(targets: String, hours: Int) async throws -> PolicyHost {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        host.host.addVolume("vg0/t", pool: "vg0/pool")
        try host.policy("shop", hourly, targets: targets)
        _ = await host.run("run")
        await host.passHours(hours)
        return host
    }

    private func orphans(_ host: PolicyHost) async -> [String] {
        await host.run("list --orphans --quiet").output.split(separator: "\n").map(String.init)
    }

    @Test("a volume that is removed by mistake keeps its last set, while others get new ones; it shows as an orphan")
    func lostVolume() async throws {
        let host = try await hostWithThirdVolume(targets: "vg0", hours: 3)
        let last = try #require(host.host.sets.max { $0.createdAt < $1.createdAt })
        #expect(last.members.contains { $0.volume == "vg0/t" })
        host.host.removeFromOutside("vg0/t")
        await host.passHours(5)
        #expect(host.owners.count == 3 && host.host.sets.contains { $0.id == last.id })
        #expect(await host.run("plan").output.contains("orphan: the newest set of volume vg0/t"))
        #expect(await orphans(host) == [last.name])
        let check = await host.run("check")
        #expect(check.code.rawValue == 1 && check.output.contains("nobody looks after 1 set"), "\(check)")
        #expect(await host.run("metrics").output.contains("stillpoint_orphan_sets 1\n"))
    }

    @Test("a volume that is removed by mistake and made anew keeps the last set of what it was")
    func madeAnew() async throws {
        let host = try await hostWithThirdVolume(targets: "vg0", hours: 3)
        let last = try #require(host.host.sets.max { $0.createdAt < $1.createdAt })
        host.host.removeFromOutside("vg0/t")
        host.host.addVolume("vg0/t", pool: "vg0/pool", uuid: "another")
        await host.passHours(5)
        #expect(host.owners.count == 3 && host.host.sets.contains { $0.id == last.id })
        #expect(await host.run("plan").output.contains("volume vg0/t (before it was made anew)"))
        #expect(await orphans(host) == [])
    }

    @Test("while nothing can be remembered nothing is taken, and nothing deleted")
    func forgetful() async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        try host.policy("shop", "- {id: hourly, create: {every: 1h}, retain: {age: 2h}}")
        _ = await host.run("run")
        await host.passHours(2)
        let before = host.owners.count
        // A directory cannot be replaced by a file.
        let journal = host.directory.string + "/state/policies.json"
        let kept = journal + ".kept"
        try FileManager.default.moveItem(atPath: journal, toPath: kept)
        try FileManager.default.createDirectory(atPath: journal, withIntermediateDirectories: false)
        for _ in 1...5 {
            host.pass(3600)
            #expect(await host.run("run").code != .done)
        }
        #expect(host.owners.count == before)
        try FileManager.default.removeItem(atPath: journal)
        try FileManager.default.moveItem(atPath: kept, toPath: journal)
        await host.passHours(1)
        #expect(host.owners.count == 1)
    }

    @Test("a schedule whose time is changed takes nothing at once, misses nothing, and is not late")
    func changedTime() async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        func daily(_ hour: Int) -> String { "- {id: daily, create: {cron: '0 \(hour) * * *'}, retain: {count: 9}}" }
        try host.policy("shop", daily(23))
        _ = await host.run("run")
        try host.set("2026-11-23T23:00:30Z")
        #expect(await host.run("run").output.contains("shop: took "))
        try host.set("2026-11-24T08:51:00Z")
        try host.policy("shop", daily(3))
        #expect(await host.run("run") == (.done, "", ""))
        #expect(await host.run("check").code.rawValue == 0)
        // One more schedule, of which no set is expected yet, makes none of the others late.
        try host.policy("shop", daily(3) + "\n- {id: noon, create: {cron: '0 12 * * *'}, retain: {count: 1}}")
        try host.set("2026-11-24T14:00:00Z")
        #expect(await host.run("run") == (.done, "", ""))
        let check = await host.run("check")
        #expect(check.code.rawValue == 0, "\(check)")
        try host.set("2026-11-25T03:00:30Z")
        #expect(await host.run("run").output.contains("took "))
        try host.set("2026-11-25T13:10:00Z")
        let late = await host.run("check")
        #expect(late.code.rawValue == 2 && late.output.contains("due"), "\(late)")
        // Nor does what passed while a policy was disabled.
        #expect(await host.run("policy disable shop").code == .done)
        try host.set("2026-12-05T14:10:00Z")
        #expect(await host.run("policy enable shop").code == .done)
        let enabled = await host.run("check")
        #expect(enabled.code.rawValue == 0, "\(enabled)")
    }

    @Test("a volume that a policy is no longer for keeps its last set, and is no orphan")
    func untargeted() async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        try host.policy("shop", hourly)
        _ = await host.run("run")
        await host.passHours(2)
        try host.policy("shop", hourly, targets: "[/a]")
        await host.passHours(5)
        #expect(host.host.sets.map(\.members.count).sorted() == [1, 1, 2])
        #expect(await host.run("plan").output.contains("the newest set of volume vg0/b"))
        #expect(await orphans(host) == [])
        // With a set of it by the policy again the old one goes.
        try host.policy("shop", hourly)
        await host.passHours(2)
        #expect(host.host.sets.map(\.members.count) == [2, 2])
        #expect(host.host.violations.isEmpty)
    }

    @Test("sets of volumes that are gone are orphans although the newest of them stays")
    func allGone() async throws {
        let host = try await hostWithThirdVolume(targets: "vg0/t", hours: 1)
        #expect(await orphans(host) == [])
        host.host.removeFromOutside("vg0/t")
        #expect(await orphans(host) == host.host.sets.map(\.name))
    }

    @Test("an hourly schedule does not hide a nightly one that always fails, nor lets its sets be deleted meanwhile")
    func nightly() async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        let plain = PolicyHost.hourly(keeping: 1) + "\n"
        let failing =
            "- {id: nightly, create: {cron: '0 0 * * *'}, retain: {count: 1}, scripts: {hooks: broken, onFailure: skip}}"
        try host.policy("shop", plain + failing)
        _ = await host.run("run")
        for day in 1...4 {
            try host.set("2026-11-\(23 + day)T00:01:00Z")
            #expect(await host.run("run").code == .partial)
            for hour in [6, 12] {
                try host.set("2026-11-\(23 + day)T\(hour < 10 ? "0" : "")\(hour):01:00Z")
                _ = await host.run("run")
                let list = await host.run("policy list").output
                #expect(list.contains("ERROR") && list.contains("schedule nightly: "), "\(list)")
            }
            let metrics = await host.run("metrics").output
            #expect(metrics.contains("stillpoint_policy_failures{policy=\"shop\"} \(day)\n"), "\(metrics)")
            // From the third night on everything stays.
            #expect(host.owners.count == (day < 3 ? 1 : 1 + 3 * (day - 2)))
        }
        #expect(await host.run("plan").output.contains("would go, but the last 4 runs of a schedule failed"))
        #expect(
            await host.run("check").output.contains("policy shop fails since 2026-11-24T00:01:00Z: schedule nightly"))
        // A schedule that is no longer there fails no more; its end is told, as its beginning was, once.
        try host.policy("shop", plain)
        host.pass(3600)
        #expect(await host.run("run").code == .done)
        #expect(host.owners.count == 1)
        #expect(await !host.run("policy list").output.contains("ERROR"))
        let events = await host.run("events").output
        #expect(events.ranges(of: "policy shop is now ERROR").count == 1, "\(events)")
        #expect(events.ranges(of: "policy shop is now ENABLED").count == 1, "\(events)")
    }

    @Test("runs that were missed before somebody took a set by hand are told of", arguments: [true, false])
    func missedBefore(byHand: Bool) async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        try host.policy("shop", "- {id: daily, create: {cron: '0 12 * * *'}, retain: {count: 9}}")
        _ = await host.run("run")
        try host.set("2026-11-23T12:05:00Z")
        #expect(await host.run("run").code == .done)
        // Off until the 27th, half past one.
        try host.set("2026-11-27T13:30:00Z")
        let journal = URL(fileURLWithPath: host.directory.string + "/state/policies.json")
        let before = try Data(contentsOf: journal)
        let first = await host.run(byHand ? "run shop" : "run")
        #expect(first.output.contains("4 runs of daily missed") != byHand, "\(first)")
        // Else the run died before it remembered anything.
        if !byHand { try before.write(to: journal) }
        host.pass(60)
        let second = await host.run("run")
        #expect(second.code == .done && second.output.contains("shop: 4 runs of daily missed"), "\(second)")
        #expect(host.owners == ["shop daily", "shop daily"])
        #expect(await host.run("run") == (.done, "", ""))
        #expect(await host.run("metrics").output.contains(#"stillpoint_missed_runs_total{policy="shop"} 4"#))
    }

    @Test("what was taken in time by a run that died is not missed")
    func diedInTime() async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        try host.policy("shop", hourly)
        _ = await host.run("run")
        let journal = URL(fileURLWithPath: host.directory.string + "/state/policies.json")
        let before = try Data(contentsOf: journal)
        host.pass(3600)
        #expect(await host.run("run").code == .done)
        try before.write(to: journal)
        // 12 o'clock was missed, 13 o'clock is taken; 11 o'clock had its set.
        host.pass(2 * 3600 + 1200)
        #expect(await host.run("run").output.contains("shop: 1 run of hourly missed"))
    }

    @Test("a policy that was away for weeks catches nothing up; one that was away for a moment does what is due")
    func away() async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        try host.policy("shop", hourly)
        _ = await host.run("run")
        await host.passHours(1)
        try host.remove("shop")
        #expect(await host.run("run").code == .done)
        host.pass(20 * 86400 + 1200)
        try host.policy("shop", hourly)
        #expect(await host.run("run") == (.done, "", ""))
        #expect(await host.run("metrics").output.contains(#"stillpoint_missed_runs_total{policy="shop"} 0"#))
        #expect(host.owners.count == 1)
        await host.passHours(1)
        try host.remove("shop")
        host.pass(1500)
        #expect(await host.run("run").code == .done)
        host.pass(600)
        try host.policy("shop", hourly)
        #expect(await host.run("run").output.contains("shop: took "))
    }

    @Test("a disabled policy keeps its sets, also in trash, or lets them go: it says which", arguments: [true, false])
    func disabled(expires: Bool) async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        let more = "trash: 2h\nwhenDisabled: \(expires ? "expire" : "keep")"
        let wide = PolicyHost.hourly(keeping: 4)
        try host.policy("shop", wide, more: more)
        _ = await host.run("run")
        await host.passHours(5)
        #expect(host.host.sets.count { $0.purgeAt != nil } == 1)
        try host.policy("shop", hourly, more: more + "\nstate: DISABLED")
        await host.passHours(1)
        #expect(host.owners.count == 5 && host.host.sets.count { $0.purgeAt != nil } == (expires ? 3 : 1))
        await host.passHours(4)
        #expect(host.owners.count == (expires ? 2 : 5))
        if !expires { #expect(await host.run("plan").output.contains("would go, but its policy is disabled")) }
    }

    @Test("one run at a time", arguments: ["run", "run shop", "prune"])
    func oneAtATime(line: String) async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        try host.policy("shop", hourly)
        _ = await host.run("run")
        host.pass(3600)
        do {
            let lock = try host.policyLock()
            let run = await host.run(line)
            #expect(run.code == .busy && run.messages.contains("another `stillpoint run` is at work"), "\(run)")
            lock.release()
        }
        #expect(host.owners.isEmpty)
        #expect(await host.run("run").code == .done)
    }

    @Test("while something stands still, LVM is not asked for a plan", arguments: ["plan", "prune --dry-run"])
    func standing(line: String) async throws {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        host.host.inject(Fault(.fails, at: .every("thaw /a")))
        #expect(await host.run("create /a").code == .stillFrozen)
        host.host.clearFaults()
        host.host.inject()
        let run = await host.run(line)
        #expect(run.code == .stillFrozen && run.messages.contains("stillpoint recover"), "\(run)")
        #expect(!host.host.trace.contains { $0.name == "survey" })
        #expect(await host.run("recover").code == .done)
        #expect(await host.run(line).code == .done)
    }
}
