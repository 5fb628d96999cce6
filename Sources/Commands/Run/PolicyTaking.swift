import FoundationEssentials
import Lifecycle
import Policies
import SetModel

/// What was tried for one set of a policy.
struct PolicyTaking: Sendable {
    enum End: Sendable {
        /// `nil`: a default policy that has nothing to do.
        case taken(SnapshotSet?)
        /// It is there, although not all of it is as it should be.
        case partial(SnapshotError)
        /// Hooks skipped it.
        case skipped(SnapshotError)
        case failed(SnapshotError)
        /// Nothing follows: the program is to end, or something may stand still.
        case stopped(SnapshotError)
    }

    let schedules: [PolicySchedule]
    let end: End
    /// An earlier call began it.
    let isRetry: Bool
    let seconds: Double
    /// How many volumes it was for, where it was not taken and that is known.
    var volumes = 0

    /// Of the schedules.
    var ids: [String] { schedules.map(\.id) }

    /// No set is to be taken for these schedules any more.
    var isOver: Bool {
        switch end {
        case .taken, .partial: true
        case .skipped, .failed, .stopped: false
        }
    }

    var error: SnapshotError? {
        switch end {
        case .taken: nil
        case .partial(let error), .skipped(let error), .failed(let error), .stopped(let error): error
        }
    }

    /// Whether it says something about the policy: another command at work does not, nor does the end of this program.
    private var counts: Bool {
        if case .stopped(let error) = end { return error.code == .stillFrozen }
        return error?.code != .busy
    }

    /// Adds what became of it to what is remembered of the policy.
    ///
    /// - Parameters:
    ///   - times: when the runs were to be, by schedule; none for a set that a person asked for.
    ///   - served: the ids of schedules that got a set in the same run, be it another one: they are in no trouble.
    func note(in memory: inout PolicyMemory, times: [String: Date], served: Swift.Set<String> = [], at now: Date) {
        guard counts else { return }
        switch end {
        case .taken(nil):
            memory.noteNothingToDo(of: ids)
            return
        case .taken(let set): memory.noteSuccess(set, of: ids, isRetry: isRetry, at: now)
        case .partial(let error):
            memory.noteSuccess(error.set, of: ids, hasFired: error.failsafe != nil, isRetry: isRetry, at: now)
        case .skipped(let error), .failed(let error), .stopped(let error):
            let scripts = schedules.lazy.compactMap(\.scripts).first
            memory.noteFailure(
                error, of: ids.filter { !served.contains($0) }, runs: times, byHand: times.isEmpty, isRetry: isRetry,
                volumes: volumes, hookAttempts: (scripts?.retries ?? 0) + 1, at: now)
            for id in ids {
                if let time = times[id] { memory.noteTry(id, time, at: now) }
            }
        }
        memory.lastRunSeconds = seconds
    }
}

extension [PolicySchedule] {
    /// Those with scripts, together where these are the same, in their order: a set has one hook document.
    var byScripts: [[PolicySchedule]] {
        reduce(into: []) { groups, schedule in
            guard let scripts = schedule.scripts else { return }
            if let same = groups.firstIndex(where: { $0.first?.scripts == scripts }) {
                groups[same].append(schedule)
            } else {
                groups.append([schedule])
            }
        }
    }
}
