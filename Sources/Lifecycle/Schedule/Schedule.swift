public import Foundation

/// When a policy takes sets: a timing in a time zone.
///
/// When clocks change:
/// * Times of day (`0 2 * * *`, `30 */2 * * *`, `Mon..Fri 03:00`, an interval of hours) run once each. One that does
///   not exist, in spring, runs at the instant of the change, together with all others in that gap; one that occurs
///   twice, in autumn, runs at its first occurrence.
/// * Times that come at least once in every hour of the day (`*/15 * * * *`), and `every` below a day, follow real time.
///
/// That is Vixie cron's rule. EventBridge, and so DLM, knows UTC only, where nothing of this happens.
///
/// Zones are Foundation's: its library brings their rules along, an update of the host's tzdata does not change them.
public struct Schedule: Sendable, Equatable {
    /// Stable, unique in its policy: sets are remembered under it, so a change of the name orphans none.
    public let id: String
    public let timing: Timing
    public let zone: Zone
    /// Runs are delayed by less than this; zero for none.
    public let jitter: Duration
    public let missedRuns: MissedRunRule

    /// The longest ``jitter``.
    public static let longestJitter = Duration.seconds(86400)

    /// A schedule.
    ///
    /// - Parameter zone: the timing's own when it is `nil`, else UTC, as in DLM.
    /// - Throws: two different zones, or a jitter that is negative or longer than ``longestJitter``.
    public init(
        id: String, timing: Timing, zone: Zone? = nil, jitter: Duration = .zero, missedRuns: MissedRunRule = .catchUp
    ) throws(ScheduleError) {
        if let zone, let own = timing.zone, zone != own {
            throw ScheduleError(
                "time zone", zone.name, "the expression ends with \(own.name): leave one of both out")
        }
        guard (.zero...Self.longestJitter).contains(jitter) else {
            throw ScheduleError("jitter", "\(jitter)", "allowed are 0 to \(Self.longestJitter)")
        }
        self.id = id
        self.timing = timing
        self.zone = zone ?? timing.zone ?? .utc
        self.jitter = jitter
        self.missedRuns = missedRuns
    }

    /// The first run later than an instant, in whole seconds; `nil` when there is none (up to the year 2199).
    ///
    /// Takes microseconds, also where the next run is decades away.
    public func next(after instant: Date) -> Date? {
        // Foundation's dates run from long before 1970 to beyond any Int.
        let seconds = min(max(instant.timeIntervalSince1970, TimeInterval(Zone.day)), 1e11)
        let next = timing.recurrence.next(after: Int(seconds.rounded(.down)), in: zone)
        return next.map { Date(timeIntervalSince1970: TimeInterval($0)) }
    }

    /// The latest run that is later than `start`, and not later than `end`.
    public func last(after start: Date, through end: Date) -> Date? {
        guard var last = next(after: start), last <= end else { return nil }
        var limit = end
        while limit.timeIntervalSince(last) >= 1 {
            let middle = last.addingTimeInterval(limit.timeIntervalSince(last) / 2)
            if let run = next(after: middle), run <= limit { last = run } else { limit = middle }
        }
        return last
    }

    /// All runs later than an instant, computed as they are asked for.
    public func runs(after instant: Date) -> some Sequence<Date> & Sendable {
        Runs(schedule: self, instant: instant)
    }

    /// All runs between two instants, with those at both ends, computed as they are asked for.
    public func runs(from start: Date, through end: Date) -> some Sequence<Date> {
        // The greatest date that is earlier: runs are whole seconds.
        let before = Date(timeIntervalSince1970: start.timeIntervalSince1970.rounded(.up) - 1)
        return Runs(schedule: self, instant: before).lazy.prefix { $0 <= end }
    }

    /// Refuses what fires no more, such as a cron expression for a past year.
    ///
    /// For those who write a policy. One that was valid stays so after its last run: what it keeps still expires.
    public func requireRun(after now: Date) throws(ScheduleError) {
        guard next(after: now) == nil else { return }
        let last = last(after: .distantPast, through: now)?.formatted(.iso8601) ?? "never"
        throw ScheduleError("expression", timing.text, "it fires no more: its last run was \(last)")
    }

    /// For people: `every 15 minutes`, or `at 02:00 on Monday to Friday, Europe/Berlin`.
    public var words: String { timing.recurrence.words(in: zone) }
}

private struct Runs: Sequence, IteratorProtocol {
    let schedule: Schedule
    var instant: Date

    mutating func next() -> Date? {
        guard let run = schedule.next(after: instant) else { return nil }
        instant = run
        return run
    }
}
