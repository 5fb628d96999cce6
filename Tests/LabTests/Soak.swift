import Foundation
import Testing

/// How much of a proof is run: `scripts/soak` asks for all of it.
enum Soak {
    static let isOn = ProcessInfo.processInfo.environment["STILLPOINT_SOAK"] == "1"

    /// Why a test is left to `scripts/soak`.
    static let reason: Comment = "run by make soak"

    static func rounds(_ few: Int, of all: Int) -> Int { isOn ? all : few }
}
