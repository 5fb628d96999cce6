import Foundation
import Glibc
import Testing

/// One of our processes, by the name that it gives itself.
enum OwnProcess: String, CaseIterable, Sendable {
    case engine = "stillpoint"
    case cutter = "sp-cutter"
    case watcher = "sp-watcher"
    case worker = "lvm-worker"
}

/// A moment of a run, and who dies at it.
struct Death: Sendable, CustomTestStringConvertible {
    /// The stop point, and the process that stops there.
    var step: String
    var stops: OwnProcess
    var dies: [OwnProcess]
    /// Also without `scripts/soak`.
    var isShort = false

    var testDescription: String { "at \(step) \(dies.map(\.rawValue).joined(separator: " and ")) killed" }

    static let all: [Death] = {
        var list: [Death] = []
        for step in ["engine.armed", "engine.staged", "engine.locked", "engine.cut", "engine.committed"] {
            list.append(
                Death(step: step, stops: .engine, dies: [.engine], isShort: step == "engine.staged"))
            if step == "engine.locked" {
                list.append(Death(step: step, stops: .engine, dies: [.cutter], isShort: true))
                list.append(Death(step: step, stops: .engine, dies: [.watcher]))
                list.append(Death(step: step, stops: .engine, dies: [.engine, .cutter, .watcher]))
            }
        }
        for step in ["guard.opened", "guard.armed", "guard.deleted"] {
            list.append(Death(step: step, stops: .cutter, dies: [.cutter]))
        }
        for step in ["guard.frozen", "guard.suspended", "guard.snapped", "guard.cut"] {
            list.append(Death(step: step, stops: .cutter, dies: [.cutter], isShort: step == "guard.suspended"))
            // Stopped for good: only the watcher's deadline helps.
            list.append(Death(step: step, stops: .cutter, dies: [], isShort: step == "guard.frozen"))
            list.append(Death(step: step, stops: .cutter, dies: [.engine, .cutter]))
            list.append(Death(step: step, stops: .cutter, dies: [.watcher]))
            // The engine itself has to read the run record.
            list.append(
                Death(step: step, stops: .cutter, dies: [.watcher, .cutter], isShort: step == "guard.snapped"))
            // Nobody of ours is left: `recover` reads the run record.
            list.append(
                Death(
                    step: step, stops: .cutter, dies: [.watcher, .engine, .cutter], isShort: step == "guard.snapped"))
        }
        for index in 0...1 {
            for side in ["before", "after"] {
                let step = "worker.lvcreate.\(index).\(side)"
                list.append(
                    Death(step: step, stops: .worker, dies: [.worker], isShort: index == 1 && side == "before"))
                list.append(Death(step: step, stops: .worker, dies: [.engine, .worker]))
            }
        }
        return list
    }()

    static let chosen = all.filter { Soak.isOn || $0.isShort }
}

extension LabTests {
    /// Proof 3: whoever of us dies, at whatever step, nothing stays frozen, and `recover` leaves no trace.
    @Suite struct Deaths {
        @Test func nothingStaysFrozen() async throws {
            try await ThinLab.run { lab in
                let points = [
                    try lab.fileSystem("v1", "ext4", at: "v1"), try lab.fileSystem("v2", "xfs", at: "v2"),
                ]
                let before = try Self.state(lab)
                for death in Death.chosen {
                    let outcome = try Self.perform(death, lab, points)
                    #expect(try Self.state(lab) == before, "\(death.testDescription): \(outcome)")
                    for (index, point) in points.enumerated() {
                        try shell("umount \(point); mount /dev/\(lab.group)/v\(index + 1) \(point)")
                    }
                    try AfterSet.expectTransactionsAgree(lab)
                }
                try lab.succeed(["create", "--name", "again"] + points)
                try lab.succeed("delete", "again")
            }
        }

        /// Lets a run die, checks that nothing stands, and cleans up after it.
        static func perform(_ death: Death, _ lab: ThinLab, _ points: [String]) throws -> Output {
            let engine = try lab.start(at: death.step, ["create", "--max-window", "3s"] + points)
            let stopped = try Self.wait(for: death.stops, of: lab, stopped: true)
            // All are looked up first: one that hears of another's end may be gone in a moment.
            let pids = try death.dies.map { process in
                process == death.stops
                    ? stopped
                    : process == .engine ? engine.pid : try Self.wait(for: process, of: lab, stopped: false)
            }
            for pid in pids { kill(pid, SIGKILL) }
            // Whoever was only stopped stays so, as one that hangs: nothing of it may be needed to thaw. Except when its
            // fellow was killed, which is death enough; and when everybody is dead, `recover` has to.
            if !death.dies.isEmpty { kill(stopped, SIGCONT) }
            let needsRecover =
                death.dies.contains(.watcher) && death.dies.contains(.cutter) && death.dies.contains(.engine)
            if !needsRecover { try Self.expectWritable(points) }
            kill(stopped, SIGCONT)
            let output = engine.wait()
            let recovered = try lab.stillpoint("recover")
            #expect(recovered.status == 0, "\(death.testDescription): \(recovered)")
            try Self.expectWritable(points)
            let sets = try lab.succeed("list", "--output", "json").decoded(ListJSON.self).sets
            for set in sets {
                // What was finished before the death, or after it, is whole.
                #expect(set.state == "complete", "\(death.testDescription): \(set)")
                try lab.succeed("delete", set.name)
            }
            return output
        }

        /// LVM suspends an origin while it takes a snapshot: the one moment at which something of LVM's stands still.
        @Test("a worker killed while LVM has an origin suspended leaves it running")
        func insideLVM() async throws {
            try await ThinLab.run { lab in
                let point = try lab.fileSystem("v1", "ext4", at: "v1")
                let before = try Self.state(lab)
                let device = try shell("basename \"$(readlink -f /dev/\(lab.group)/v1)\"")
                var wasSuspended = false
                for _ in 1...5 where !wasSuspended {
                    let engine = try lab.start(at: "worker.lvcreate.0.before", ["create", "--name", "inside", point])
                    let worker = try Self.wait(for: .worker, of: lab, stopped: true)
                    kill(worker, SIGCONT)
                    while !wasSuspended, kill(worker, 0) == 0 {
                        let flag = FileManager.default.contents(atPath: "/sys/block/\(device)/dm/suspended")
                        wasSuspended = flag?.first == UInt8(ascii: "1")
                    }
                    kill(worker, SIGKILL)
                    let output = engine.wait()
                    if output.status == 0 { try lab.succeed("delete", "inside") }
                    #expect(!wasSuspended || output.status != 0, "\(output)")
                }
                #expect(wasSuspended, "the origin was never seen suspended")
                try Self.expectWritable([point])
                try lab.succeed("recover")
                #expect(try Self.state(lab) == before)
                try AfterSet.expectTransactionsAgree(lab)
                try lab.succeed("create", "--name", "again", point)
                try lab.succeed("delete", "again")
            }
        }

        @Test("delete killed half-way is finished by recover")
        func delete() async throws {
            try await ThinLab.run { lab in
                let points = try (1...2).map { try lab.fileSystem("v\($0)", "ext4", at: "v\($0)") }
                let before = try Self.state(lab)
                try lab.succeed(["create", "--name", "doomed"] + points)
                let child = try lab.stop(at: "engine.deleting", ["delete", "doomed"])
                child.kill()
                let state = try lab.succeed("list", "--output", "json").decoded(ListJSON.self).sets.first?.state
                #expect(state == "deleting")
                try lab.succeed("recover")
                #expect(try Self.state(lab) == before)
            }
        }

        /// Everything of ours and of LVM that must be as before.
        static func state(_ lab: ThinLab) throws -> [String] {
            [
                try shell("lvs --noheadings -o name,lv_tags,thin_id \(lab.group)"),
                try shell("dmsetup ls | grep -F '\(lab.group)' | cut -f 1 | sort"),
                try shell("dmsetup info --columns --noheadings -o name,suspended | grep -F '\(lab.group)' | sort"),
                try shell("ls \(lab.runDirectory)/runs 2>/dev/null || :"),
                try lab.succeed("list", "--output", "json").text,
            ]
        }

        /// Writes and syncs a file on each; a process each, so that a frozen one does not take the test with it.
        static func expectWritable(_ points: [String]) throws {
            for point in points {
                let output = try attempt(
                    "timeout", "30", "dd", "if=/dev/zero", "of=\(point)/probe", "bs=4k", "count=1", "conv=fsync")
                #expect(output.status == 0, "\(point) is frozen: \(output)")
            }
        }

        /// The process of that name that belongs to this lab's run; for a stopped one, until it has stopped itself.
        static func wait(for process: OwnProcess, of lab: ThinLab, stopped: Bool) throws -> pid_t {
            for _ in 0..<12_000 {
                for name in try FileManager.default.contentsOfDirectory(atPath: "/proc") {
                    guard let pid = pid_t(name), let found = state(of: pid, process), !stopped || found == "T" else {
                        continue
                    }
                    return pid
                }
                usleep(5_000)
            }
            throw ChildError(description: "no \(process.rawValue) came\(stopped ? " to its stop point" : "")")
        }

        /// The state letter of proc_pid_stat(5), when the process is of that kind.
        private static func state(of pid: pid_t, _ process: OwnProcess) -> Character? {
            guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
                let open = stat.firstIndex(of: "("), let close = stat.lastIndex(of: ")")
            else { return nil }
            let name = stat[stat.index(after: open)..<close]
            let letter = stat[stat.index(close, offsetBy: 2)]
            guard letter != "Z" else { return nil }
            switch process {
            case .cutter:
                // Before it has named itself it is called after its file, cut at 15 bytes.
                return name == "sp-cutter" || name == "stillpoint-guar" ? letter : nil
            case .watcher: return name == "sp-watcher" ? letter : nil
            case .engine: return name == "stillpoint" ? letter : nil
            case .worker: return name == "lvm-worker" ? letter : nil
            }
        }
    }
}
