import Foundation
import Hooks
import LinuxSystem
import SetModel
import Simulation
import SystemPackage
import TestSupport
import Testing

@testable import Snapshots

/// What fails in hooks, and what becomes of the set: the engine and a real supervisor, over simulated volumes.
@Suite(.enabled(if: Built.stillpoint != nil, "needs the program beside the test bundle"))
struct HookOutcomeTests {
    @Test("the outcome is that of the table", arguments: HookFailure.all)
    func outcome(failure: HookFailure) async throws {
        let trials = HookTrial.all.filter { $0.failure.description == failure.description }
        // Those that take long with fewer combinations.
        for (index, trial) in trials.enumerated() where !failure.isSlow || index % 4 == 1 {
            try await expectOutcome(of: trial, marker: 100_000 + Int.random(in: 0..<1_000_000_000))
        }
    }

    private func expectOutcome(of trial: HookTrial, marker: Int) async throws {
        let bench = try Bench(Layout.two.host())
        let directory = bench.scratch.path
        defer { try? FileManager.default.removeItem(atPath: directory.string) }
        let folder = directory.appending("hooks.d")
        try FileManager.default.createDirectory(atPath: folder.string, withIntermediateDirectories: false)
        let text = trial.failure.document(directory: directory.string, marker: marker)
        try text.write(toFile: folder.appending("doc.yaml").string, atomically: false, encoding: .utf8)
        var request = CreateRequest(
            targets: ["/a", "/b"], name: "one", require: trial.setting == .required ? .application : .crash)
        request.hooks = HookRequest(
            document: try HookFolder(folder).document(named: "doc"), timeout: .seconds(120), retries: trial.retries,
            onFailure: trial.setting == .skip ? .skip : .crashConsistent, quiesceLimit: .seconds(1200))
        var code: SnapshotError.Code?
        do {
            try await bench.create(request)
        } catch let error as SnapshotError {
            code = error.code
        }
        let codes: [Int32: SnapshotError.Code] = [3: .partial, 6: .hook]
        #expect(code == codes[trial.code], "\(trial)")
        #expect(bench.host.sets.map { $0.consistency?.rawValue } == [trial.consistency].compactMap(\.self), "\(trial)")
        let log = try String(contentsOfFile: directory.appending("log").string, encoding: .utf8)
        #expect(log.split(separator: "\n").count { $0 == "run" } == trial.posts, "\(trial): \(log)")
        bench.expectOrder("\(trial)")
        let records = try FileManager.default.contentsOfDirectory(atPath: directory.string)
        #expect(records.filter { $0.hasSuffix(HookRecord.suffix) } == [], "\(trial)")
        let left = sleeping(marker)
        // A server that `post` starts is meant to stay.
        if trial.failure.leavesProcess, trial.failure.place == .post || !ControlGroup.canBeMade {
            for pid in left { kill(pid, SIGKILL) }
        } else {
            #expect(left == [], "\(trial)")
        }
    }

    /// Processes that sleep for so many seconds.
    private func sleeping(_ marker: Int) -> [pid_t] {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return all.compactMap { pid_t($0) }.filter { pid in
            let words = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") ?? Data()
            return words == Data("sleep\0\(marker)\0".utf8)
        }
    }
}

extension ControlGroup {
    fileprivate static let canBeMade: Bool = {
        let group = ControlGroup(named: "stillpoint-hooks-probe-\(getpid())")
        defer { group.remove() }
        return group.make()
    }()
}
