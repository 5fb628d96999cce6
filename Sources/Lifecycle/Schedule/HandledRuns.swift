public import Foundation

/// What becomes of runs whose time passed unused, the machine being off.
public enum MissedRunRule: String, Sendable, CaseIterable {
    /// They are caught up once, however many there were.
    case catchUp
    /// They are recorded only.
    case skip
}

/// Up to where the runs of a schedule have been dealt with: taken, caught up, or recorded as missed.
///
/// It is the time of a run, not of the program that dealt with it, so a clock that is set back does not bring the same
/// run again.
public struct HandledRuns: Sendable, Equatable, Codable {
    /// No run up to here, this one included, is due any more.
    public var through: Date
    /// The timing that this is of, and its zone, as they are written; `nil`: told by an earlier version.
    public var timing: String?
    /// No set is expected of runs up to here: the schedule was new then, or its policy disabled. `nil`: of all.
    public var expectedAfter: Date?
    /// Times that were handled while the clock was, as it seems, far ahead; the latest ``setAsideLimit`` of them.
    public var setAside: [Date] = []

    /// How far ahead of the clock ``through`` may lie and be believed: a day.
    ///
    /// That covers a hardware clock that was read in a wrong zone (14 hours), and is as long as a schedule may stay
    /// silent after a clock was set back.
    public static let believedLead = Duration.seconds(86400)

    /// How often `run` is called by the timer and the cron file that come with it.
    static let callInterval = Duration.seconds(300)

    /// For so many jumps of the clock nothing is repeated when it reaches those times again.
    public static let setAsideLimit = 16

    /// A schedule that is new at an instant: what lies before it is not caught up.
    public init(newAt now: Date) {
        through = now
        expectedAfter = now
    }

    /// What holds for a schedule at an instant. One with another timing than before is new: its runs before that were
    /// none.
    func followed(by schedule: Schedule, at now: Date) -> HandledRuns {
        var handled = believed(at: now)
        let timing = schedule.timing.text + " " + schedule.zone.name
        if let known = handled.timing, known != timing {
            // It was changed since the last call; a clock that was set back a little repeats nothing.
            handled.through = max(handled.through, now.adding(.zero - Self.callInterval))
            handled.expectedAfter = handled.through
        }
        handled.timing = timing
        return handled
    }

    /// ``expectedAfter``, unless the clock was far ahead when it was written.
    public func notExpected(at now: Date) -> Date? {
        expectedAfter.flatMap { $0 > now.adding(Self.believedLead) ? nil : $0 }
    }

    /// What holds at an instant.
    ///
    /// A time more than ``believedLead`` ahead is set aside: the clock jumped ahead and came back, or was set far back
    /// now. The schedule goes on from now. When the clock reaches that time again, it counts again: so a clock that was
    /// set back by mistake and is mended later repeats nothing, and a run that was taken ahead of its time stays the
    /// only one.
    func believed(at now: Date) -> HandledRuns {
        var handled = self
        if through > now.adding(Self.believedLead) {
            handled.setAside = (setAside + [through]).suffix(Self.setAsideLimit)
            handled.through = now
        }
        handled.through = handled.setAside.filter { $0 <= now }.reduce(handled.through, max)
        handled.expectedAfter = notExpected(at: now)
        return handled
    }
}

extension Date {
    func adding(_ duration: Duration) -> Date { addingTimeInterval(duration / .seconds(1)) }
}
