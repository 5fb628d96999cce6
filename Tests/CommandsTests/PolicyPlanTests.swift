import FoundationEssentials
import Hooks
import Lifecycle
import Policies
import SetModel
import Snapshots
import Synchronization
import Testing

@testable import Commands

/// What becomes of a plan, where a simulated host is not enough.
struct PolicyPlanTests {
    private final class Steps: Progress {
        private let told = Mutex<[String]>([])

        var all: [String] { told.withLock { $0 } }

        func step(_ text: String) { told.withLock { $0.append(text) } }
        func warn(_ text: String) {}
    }

    private let now = Date(timeIntervalSince1970: 1_795_435_200)

    private func policy(_ change: (inout Policy) -> Void = { _ in }) throws -> Policy {
        var policy = Policy(
            id: "shop", targets: PolicyTargets(any: ["vg0"]),
            schedules: [
                PolicySchedule(
                    schedule: try Schedule(id: "hourly", timing: .every("1h")), retain: try RetainRule(count: 1))
            ])
        change(&policy)
        return policy
    }

    /// The newest one first.
    private func sets(_ count: Int) -> [SnapshotSet] {
        (0..<count).map { index in
            var set = SnapshotSet.sample
            set.id = "\(index)"
            set.name = "set-\(index)"
            set.createdAt = now - Double(index) * 3600
            set.expiresAt = nil
            (set.policy, set.schedules) = ("shop", ["hourly"])
            return set
        }
    }

    private func runner(
        _ policy: Policy, _ service: any SnapshotService, _ progress: any Progress = NoProgress()
    ) -> PolicyRunner {
        PolicyRunner(
            service: service, library: HookLibrary([]), policies: [policy], configuration: HostConfiguration(),
            progress: progress, now: now)
    }

    /// The volumes of the sample are there.
    private func inventory(_ sets: [SnapshotSet]) -> Inventory {
        Inventory(
            sets: sets, poolOfVolume: ["O-1": "vg0/pool", "O-2": "vg0/pool", "S-1": "vg0/pool"],
            pools: [Pool(name: "vg0/pool", dataPercent: 40, metadataPercent: 40)])
    }

    @Test("a set that is mounted stays")
    func mounted() async throws {
        var answers = RecordingService.Answers()
        answers.sets = sets(2)
        for isMounted in [false, true] {
            answers.mounts =
                isMounted
                ? [
                    MountedMember(
                        volume: "vg0/data", device: "/dev/x", path: "/mnt/x", filesystem: "ext4", options: "ro")
                ]
                : []
            let plan = try await runner(try policy(), RecordingService(answers)).plan([:], inventory(sets(2)))
            let old = try #require(plan.decisions.first { $0.set.id == "1" })
            #expect(old.action == (isMounted ? RetentionDecision.Action.keep : .delete))
            if isMounted { #expect(old.reason.sentence == "held: mounted on /mnt/x") }
        }
    }

    @Test("metadata that is too full asks for sets as data does", arguments: [(96.0, 1), (89, 0)])
    func metadata(percent: Double, count: Int) async throws {
        let policy = try policy {
            $0.retention.poolPressure = 90
            if let rule = try? RetainRule(count: 5) { $0.schedules[0].retain = rule }
        }
        var inventory = inventory(sets(3))
        inventory.pools[0].metadataPercent = percent
        let plan = try await runner(policy, RecordingService()).plan([:], inventory)
        #expect(plan.leaving.count == count)
        for decision in plan.leaving { #expect(decision.reason.sentence.hasPrefix("metadata of pool vg0/pool is 96")) }
    }

    @Test("what goes to trash is told set by set")
    func trash() async throws {
        let steps = Steps()
        let runner = runner(try policy { $0.retention.trash = RetainAge(7, .days) }, RecordingService(), steps)
        let plan = try await runner.plan([:], inventory(sets(3)))
        let report = await runner.prune(plan)
        #expect(report.trashed == ["set-2", "set-1"])
        #expect(steps.all == ["moving set set-2 (1 of 2) to trash", "moving set set-1 (2 of 2) to trash"])
    }
}
