import Foundation
import Hooks
import Lifecycle
import SetModel
import Simulation
import Snapshots
import Synchronization
import SystemPackage
import Testing

@testable import Commands

/// A simulated host with two volumes, policies of its own, and a clock that the test sets.
final class PolicyHost: Sendable {
    let host = SimulatedHost()
    let directory: FilePath
    private let clock: Mutex<Date>
    /// Seconds since boot; `nil`: commands see no other clock.
    private let sinceBoot = Mutex<Double?>(nil)
    /// Runs hook documents; `nil`: they are refused.
    private let startHooks = Mutex<(@Sendable (HookPlan) throws -> any Quiescing)?>(nil)

    init(at time: String) throws {
        var template = Array("/tmp/stillpoint-policy-XXXXXX".utf8CString)
        directory = FilePath(String(cString: try #require(mkdtemp(&template))))
        clock = Mutex(try Date(time, strategy: .iso8601))
        try FileManager.default.createDirectory(
            atPath: directory.appending("etc").appending("policies.d").string, withIntermediateDirectories: true)
        for name in ["etc", "etc/policies.d"] { #expect(chmod(directory.string + "/" + name, 0o755) == 0) }
        host.addPool("vg0/pool")
        for (name, kind) in [("a", "ext4"), ("b", "xfs")] {
            host.addVolume("vg0/" + name, pool: "vg0/pool")
            host.mount(kind, on: ["vg0/" + name], at: "/" + name)
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: directory.string) }

    func set(_ time: String) throws {
        clock.withLock { [date = try? Date(time, strategy: .iso8601)] in $0 = date ?? $0 }
    }

    func pass(_ seconds: Double) {
        step(seconds)
        sinceBoot.withLock { passed in passed = passed.map { $0 + seconds } }
    }

    /// Hours pass, at the end of each of which `run` does what is due.
    func passHours(_ hours: Int) async {
        for _ in 0..<hours {
            pass(3600)
            let run = await run("run")
            #expect(run.code == .done, "\(run)")
        }
    }

    /// Somebody sets the clock.
    func step(_ seconds: Double) { clock.withLock { $0 += seconds } }

    /// From now on commands see how long the host is up.
    func showTimeSinceBoot() { sinceBoot.withLock { $0 = 0 } }

    /// The schedule that most tests need: a set each hour, of which so many are kept.
    static func hourly(keeping count: Int) -> String {
        "- {id: hourly, create: {every: 1h}, retain: {count: \(count)}}"
    }

    /// Writes a policy of that id.
    func policy(_ id: String, _ schedules: String, targets: String = "[/a, /b]", more: String = "") throws {
        let file = directory.string + "/etc/policies.d/\(id).yaml"
        try "id: \(id)\ntargets: \(targets)\n\(more)\nschedules:\n\(schedules)\n".write(
            toFile: file, atomically: false, encoding: .utf8)
        #expect(chmod(file, 0o644) == 0)
    }

    /// Writes a policy for what no other is for.
    func defaultPolicy(_ id: String, _ schedules: String, more: String = "") throws {
        let file = directory.string + "/etc/policies.d/\(id).yaml"
        try "id: \(id)\ndefault: true\n\(more)\nschedules:\n\(schedules)\n".write(
            toFile: file, atomically: false, encoding: .utf8)
        #expect(chmod(file, 0o644) == 0)
    }

    func remove(_ id: String) throws {
        try FileManager.default.removeItem(atPath: directory.string + "/etc/policies.d/\(id).yaml")
    }

    /// Writes a hook document; what its steps would do, `start` says.
    func hooks(_ name: String, _ text: String, start: @escaping @Sendable (HookPlan) throws -> any Quiescing) throws {
        let folder = directory.string + "/etc/hooks.d"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        #expect(chmod(folder, 0o755) == 0)
        let file = folder + "/\(name).yaml"
        try text.write(toFile: file, atomically: false, encoding: .utf8)
        #expect(chmod(file, 0o644) == 0)
        startHooks.withLock { $0 = start }
    }

    /// Another `stillpoint run` is at work as long as this is held.
    func policyLock() throws -> RunLock { try RunLock(directory.appending("run"), name: "policies.lock") }

    /// Writes stillpoint.yaml.
    func configure(_ text: String) throws {
        let file = directory.string + "/etc/stillpoint.yaml"
        try text.write(toFile: file, atomically: false, encoding: .utf8)
        #expect(chmod(file, 0o644) == 0)
    }

    /// Text of a policy's file.
    func text(of id: String) throws -> String {
        try String(contentsOfFile: directory.string + "/etc/policies.d/\(id).yaml", encoding: .utf8)
    }

    /// What a command line does.
    ///
    /// - Parameter answers: what a person types, line by line.
    func run(_ line: String, answers: [String] = []) async -> (code: ExitCode, output: String, messages: String) {
        let (output, messages) = (RecordingSink(), RecordingSink())
        let directory = directory
        var context = Context(
            environment: [
                "STILLPOINT_CONFIG_DIR": directory.string + "/etc", "STILLPOINT_STATE_DIR": directory.string + "/state",
                "STILLPOINT_RUN_DIR": directory.string + "/run",
            ], workingDirectory: "/", isRoot: true, output: output, messages: messages,
            makeService: { [self] settings in
                EventfulService(base: engine()) { EventRecorder(try settings.eventLog()) }
            })
        context.now = now
        context.isAttended = !answers.isEmpty
        context.timeZone = { "Europe/Berlin" }
        context.readClocks = { [self] now in
            sinceBoot.withLock { $0 }
                .map { ClockReading(wall: now, boot: "one", sinceBoot: $0, isSynchronized: true) }
        }
        let lines = Mutex(answers)
        context.readLine = { lines.withLock { $0.isEmpty ? nil : $0.removeFirst() } }
        let code = await CommandLineTool.run(line.split(separator: " ").map(String.init), in: context)
        return (code, output.text, messages.text)
    }

    /// What does the work, as a process of its own.
    func engine() -> Engine {
        let storage = SimulatedStorage(host, startHooks: startHooks.withLock { $0 })
        return Engine(storage: storage, runDirectory: directory.appending("run"), now: now) {
            try storage.openCatalog(forWriting: $0)
        }
    }

    private var now: @Sendable () -> Date { { [self] in clock.withLock { $0 } } }

    /// For each set, oldest first: its policy and its schedules.
    var owners: [String] {
        host.sets.sorted { $0.createdAt < $1.createdAt }.map { "\($0.policy ?? "-") \($0.schedule ?? "-")" }
    }
}
