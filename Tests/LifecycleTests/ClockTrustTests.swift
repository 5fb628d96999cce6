import Foundation
import Testing

@testable import Lifecycle

/// When the clock is believed.
struct ClockTrustTests {
    private static let start = Date(timeIntervalSince1970: 1_795_435_200)
    private static let hour = 3600.0

    /// One call: seconds since the first one of the first boot, by the clock and by the time since boot.
    struct Call: Sendable {
        var wall: Double
        var passed: Double
        var boot = "one"
        var isSynchronized = false
        /// How far the clock is ahead then, as it seems.
        var ahead: Double

        init(_ wall: Double, _ passed: Double, _ boot: String = "one", synchronized: Bool = false, ahead: Double) {
            (self.wall, self.passed, self.boot, isSynchronized) = (wall, passed, boot, synchronized)
            self.ahead = ahead
        }

        var reading: ClockReading {
            ClockReading(
                wall: start + wall, boot: boot, sinceBoot: passed + (boot == "one" ? 500 : 0),
                isSynchronized: isSynchronized)
        }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var calls: [Call]

        var testDescription: String { name }
    }

    static let cases: [Case] = [
        Case(
            name: "time passes, and a step of an hour is none",
            calls: [
                Call(300, 300, ahead: 0), Call(3900, 300, ahead: 0), Call(4000 + 40 * day, 400 + 40 * day, ahead: 0),
            ]),
        Case(
            name: "a jump, also of a clock that is synchronized; the doubt goes on as time does, for a day",
            calls: [
                Call(5000, 1000, synchronized: true, ahead: 4000), Call(5600, 1600, synchronized: true, ahead: 4000),
                Call(day + 4999, day + 999, ahead: 4000), Call(day + 5000, day + 1000, ahead: 0),
                Call(day + 5300, day + 1300, ahead: 0),
            ]),
        Case(
            name: "it comes back, and jumps again",
            calls: [
                Call(9 * day, 60, ahead: 9 * day - 60), Call(3720, 120, ahead: 0), Call(360, 360, ahead: 0),
                Call(9 * day, 420, ahead: 9 * day - 420),
            ]),
        Case(
            name: "it comes back in part",
            calls: [Call(9 * day, 0, ahead: 9 * day), Call(2 * day, 0, ahead: 2 * day), Call(3600, 0, ahead: 0)]),
        Case(
            name: "a second jump begins another day",
            calls: [
                Call(day, 0, ahead: day), Call(2 * day - 60, day - 60, ahead: day),
                Call(4 * day, day - 60, ahead: 3 * day + 60), Call(4 * day + 300, day + 240, ahead: 3 * day + 60),
                Call(5 * day, 2 * day - 60, ahead: 0),
            ]),
        Case(
            name: "set back, it is believed", calls: [Call(-9 * day, 60, ahead: 0), Call(60 - 9 * day, 120, ahead: 0)]),
        Case(
            name: "off for up to 30 days, or longer and synchronized",
            calls: [
                Call(30 * day + 90, 90, "two", ahead: 0), Call(90 * day, 90, "three", synchronized: true, ahead: 0),
                Call(90 * day + 9, 99, "three", ahead: 0),
            ]),
        Case(
            name: "off for longer, and nobody keeps the clock right",
            calls: [
                Call(30 * day + 91, 90, "two", ahead: 30 * day + 1),
                Call(31 * day + 90, day + 89, "two", ahead: 30 * day + 1),
                Call(31 * day + 91, day + 90, "two", ahead: 0),
            ]),
        Case(
            name: "a reboot does not end a doubt, but by a clock that is synchronized then",
            calls: [
                Call(5 * day, 60, ahead: 5 * day - 60), Call(5 * day + 600, 60, "two", ahead: 5 * day + 480),
                Call(5 * day + 700, 40, "three", synchronized: true, ahead: 0),
            ]),
        Case(
            name: "the time in doubt goes on over a reboot",
            calls: [
                Call(5 * day, 0, ahead: 5 * day), Call(5.75 * day, day / 2, "two", ahead: 5.25 * day),
                Call(6.25 * day, day, "two", ahead: 0),
            ]),
        Case(
            name: "a time since boot that goes back counts nothing",
            calls: [Call(600, 600, ahead: 0), Call(1200, 30, ahead: 0), Call(1800, 630, ahead: 0)]),
    ]

    @Test("clocks", arguments: cases)
    func doubts(_ test: Case) throws {
        var trust = ClockTrust(in: Call(0, 0, ahead: 0).reading)
        #expect(trust.ahead == 0)
        for (index, call) in test.calls.enumerated() {
            trust = trust.after(call.reading)
            #expect(trust.ahead == call.ahead, "call \(index)")
            #expect(trust.last == call.reading)
            // As it is remembered between two calls.
            trust = try JSONDecoder().decode(ClockTrust.self, from: try JSONEncoder().encode(trust))
        }
    }
}
