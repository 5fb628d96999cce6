import Foundation
import SetModel
import Simulation
import SystemPackage
import Testing

@testable import Commands

/// What `run`, `plan` and `prune` do when the clock jumps.
struct ClockDoubtTests {
    private static let jump = 9 * 86400.0

    /// Three sets of the last hours, all younger than the rule wants; then the clock jumps.
    private func host(age: String = "6h") async throws -> PolicyHost {
        let host = try PolicyHost(at: "2026-11-23T10:10:00Z")
        host.showTimeSinceBoot()
        try host.policy("shop", "- {id: hourly, create: {every: 1h}, retain: {age: \(age)}}")
        _ = await host.run("run")
        for _ in 0..<3 {
            host.pass(3600)
            #expect(await host.run("run").code == .done)
        }
        #expect(host.host.sets.count == 3)
        host.step(Self.jump)
        return host
    }

    private func memory(_ host: PolicyHost) throws -> String {
        try String(contentsOfFile: host.directory.string + "/state/clock.json", encoding: .utf8)
    }

    @Test("nothing goes by age for a day; looking at it changes nothing")
    func day() async throws {
        // Older than the day that the doubt lasts: what goes in the end goes for the jump.
        let host = try await host(age: "3d")
        let before = try memory(host)
        for line in ["plan", "prune --dry-run"] {
            let plan = await host.run(line)
            #expect(
                plan.output.components(separatedBy: "would go, but the clock jumped ahead by 9 days").count == 3,
                "\(plan)")
        }
        #expect(try memory(host) == before)
        #expect(await host.run("run").code == .done)
        #expect(try memory(host) != before)
        #expect(host.host.sets.count == 4)
        host.pass(86000)
        #expect(await host.run("run").code == .done)
        #expect(host.host.sets.count == 5)
        // The sets since the jump are as old as they seem.
        host.pass(400)
        #expect(await host.run("prune").code == .done)
        #expect(host.host.sets.count == 2)
    }

    @Test("a clock that comes back is believed")
    func back() async throws {
        let host = try await host()
        #expect(await host.run("prune").code == .done)
        host.step(-Self.jump)
        host.pass(60)
        #expect(await host.run("prune").code == .done)
        host.pass(7 * 3600)
        #expect(await host.run("prune").output.contains("deleted "))
        #expect(host.host.sets.count == 1)
    }

    @Test("trustClock: it is believed at once")
    func trusted() async throws {
        let host = try await host()
        try host.configure("trustClock: true\n")
        #expect(await host.run("prune").code == .done)
        #expect(host.host.sets.count == 1)
        try host.configure("trustClock: sometimes\n")
        #expect(await host.run("prune").code == .refused)
    }

    @Test("a damaged memory of the clock deletes nothing, and keeps nobody from taking sets")
    func damaged() async throws {
        let host = try await host()
        try Data("{".utf8).write(to: URL(fileURLWithPath: host.directory.string + "/state/clock.json"))
        let run = await host.run("run")
        #expect(run.code == .partial && run.messages.contains("clock.json is damaged"), "\(run)")
        #expect(host.host.sets.count == 4)
    }
}
