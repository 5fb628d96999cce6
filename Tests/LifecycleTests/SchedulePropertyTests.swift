import Foundation
import Testing

@testable import Lifecycle

/// What holds for every schedule, on many drawn ones.
@Suite struct SchedulePropertyTests {
    /// A crontab expression that knows what it means apart from our parser.
    struct Drawn {
        var text: String
        var minutes: Set<Int>
        var hours: Set<Int>
        var dates: Set<Int>?
        var months: Set<Int>
        var weekdays: Set<Int>?

        init(using generator: inout SeededGenerator) {
            func draw(_ range: ClosedRange<Int>, most: Int) -> Set<Int> {
                Set(
                    (0..<Int.random(in: 1...most, using: &generator)).map { _ in
                        Int.random(in: range, using: &generator)
                    })
            }
            func text(_ set: Set<Int>?) -> String { set?.shuffled().map(String.init).joined(separator: ",") ?? "*" }
            minutes = draw(0...59, most: 4)
            hours = Bool.random(using: &generator) ? Set(0...23) : draw(0...23, most: 3)
            dates = Bool.random(using: &generator) ? nil : draw(1...28, most: 3)
            months = Bool.random(using: &generator) ? Set(1...12) : draw(1...12, most: 3)
            weekdays = Bool.random(using: &generator) ? nil : draw(0...6, most: 3)
            self.text = [text(minutes), text(hours), text(dates), text(months), text(weekdays)].joined(separator: " ")
        }

        func matches(_ date: Date, _ calendar: Calendar) -> Bool {
            let parts = calendar.dateComponents([.month, .day, .weekday, .hour, .minute, .second], from: date)
            guard let month = parts.month, let day = parts.day, let weekday = parts.weekday, let hour = parts.hour,
                let minute = parts.minute
            else { return false }
            let date = dates.map { $0.contains(day) }
            let isDay =
                switch (date, weekdays.map { $0.contains(weekday - 1) }) {
                case (let date?, let weekday?): date || weekday
                case (let date, let weekday): date ?? weekday ?? true
                }
            return isDay && parts.second == 0 && months.contains(month) && hours.contains(hour)
                && minutes.contains(minute)
        }
    }

    static let zones = [
        "UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Chatham", "America/Santiago",
        "Asia/Kathmandu", "Africa/Cairo", "America/Havana", "Pacific/Apia", "Antarctica/Troll",
    ]

    private func drawDate(using generator: inout SeededGenerator) -> Date {
        // 2005 to 2035, with milliseconds.
        Date(timeIntervalSince1970: Double.random(in: 1_104_537_600...2_051_222_400, using: &generator))
    }

    @Test("the next run is the first minute that matches, wherever clocks stand still")
    func nextIsFirstMatch() throws {
        var generator = SeededGenerator(seed: 4)
        var compared = 0
        for _ in 0..<400 {
            let drawn = Drawn(using: &generator)
            let name = try #require(Self.zones.randomElement(using: &generator))
            let schedule = try Schedule("cron", drawn.text, name)
            let start = drawDate(using: &generator)
            let next = try #require(schedule.next(after: start))
            #expect(next > start)
            var calendar = Calendar(identifier: .gregorian)
            calendar.timeZone = schedule.zone.timeZone
            let offsets = [-2, -1, 0, 1].map {
                schedule.zone.timeZone.secondsFromGMT(for: next.addingTimeInterval(TimeInterval($0) * 86400))
            }
            guard Set(offsets).count == 1 else { continue }
            compared += 1
            #expect(drawn.matches(next, calendar), "\(drawn.text) \(name) \(next)")
            // Every minute of the last day before it, or since the start.
            var earlier = next.addingTimeInterval(-60)
            while earlier > start, next.timeIntervalSince(earlier) < 86400 {
                if drawn.matches(earlier, calendar) {
                    Issue.record("\(drawn.text) \(name) leaves out \(earlier) before \(next)")
                    break
                }
                earlier.addTimeInterval(-60)
            }
        }
        #expect(compared > 300)
    }

    @Test("runs ascend, do not depend on where one begins to ask, and are the same in parts as in whole")
    func consistent() throws {
        var generator = SeededGenerator(seed: 5)
        let others = ["15m", "1h", "90m", "7h", "8h", "1d", "3d", "2w", "50h"]
        for round in 0..<200 {
            let name = try #require(Self.zones.randomElement(using: &generator))
            let schedule =
                round % 4 == 0
                ? try Schedule("every", try #require(others.randomElement(using: &generator)), name)
                : try Schedule("cron", Drawn(using: &generator).text, name)
            let start = drawDate(using: &generator)
            let runs = Array(schedule.runs(after: start).prefix(40))
            let end = try #require(runs.last)
            #expect(runs.count == 40 && zip(runs, runs.dropFirst()).allSatisfy { $0 < $1 })
            for (before, run) in zip([start] + runs, runs) {
                let between = before.addingTimeInterval(
                    Double.random(in: 0..<run.timeIntervalSince(before), using: &generator))
                #expect(schedule.next(after: between) == run && schedule.next(after: run - 1) == run)
                #expect(schedule.last(after: start, through: run) == run)
                #expect(schedule.last(after: before, through: run - 1) == nil)
            }
            #expect(Array(schedule.runs(from: start, through: end)) == runs)
            let cut = start.addingTimeInterval(Double.random(in: 0..<end.timeIntervalSince(start), using: &generator))
            let first = Array(schedule.runs(from: start, through: cut))
            let second = Array(schedule.runs(after: cut).lazy.prefix { $0 <= end })
            #expect(first + second == runs)
            #expect(schedule.last(after: start, through: cut) == first.last)
        }
    }

    @Test("a run that is far away is found at once")
    func cheap() throws {
        let texts = ["cron(0 0 29 2 ? *)", "cron(0 0 31 12 ? 2198)", "*/5 * 29 2 *", "0 2 * * *", "* * * * *"]
        let start = try instant("2097-01-01T00:00:00Z")
        for text in texts {
            let schedule = try Schedule("cron", text, "America/New_York")
            let time = ContinuousClock().measure {
                for _ in 0..<10 where schedule.next(after: start) == nil { Issue.record("\(text) never fires") }
            }
            // Microseconds; the limit leaves room for a busy machine.
            #expect(time < .milliseconds(200), "\(text): \(time / 10)")
        }
    }
}
