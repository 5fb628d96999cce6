import Foundation
import Testing

/// How much of a proof is run: `scripts/soak` asks for all of it. `STILLPOINT_SOAK=few` is for whoever wants a test on the
/// other kernel, too: `scripts/lab/lab test --env STILLPOINT_SOAK=few --guest 13 Hooks/mariaDB`.
enum Soak {
    private static let wanted = ProcessInfo.processInfo.environment["STILLPOINT_SOAK"]
    static let isOn = wanted == "1"

    /// Why a test is left to `scripts/soak`.
    static let reason: Comment = "run by make soak"

    static func rounds(_ few: Int, of all: Int) -> Int { isOn ? all : few }

    /// Whether a test that asks little of the kernel runs on this one (`6.1`, `6.12`): the tests share such between both
    /// kernels, soak runs all on both. Elsewhere than in the lab each would be skipped for want of it.
    static func includes(kernel version: String) -> Bool {
        isOn || wanted == "few" || !Lab.isAvailable || Lab.kernel.hasPrefix(version + ".")
    }

    static let elsewhere: Comment = "runs on the other kernel; make soak runs it on both"
}
