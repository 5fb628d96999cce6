import Foundation
import TestSupport
import Testing

/// Everything that needs device-mapper and root: one suite, since its tests share disks, mounts and LVM's own state.
///
/// Suites of a subject are nested in it by an extension, and inherit both traits.
@Suite(.serialized, .enabled(if: Lab.isAvailable, "needs device-mapper: run in the lab"))
enum LabTests {}

/// Where the tests run.
enum Lab {
    private static let environment = ProcessInfo.processInfo.environment

    /// `scripts/lab/lab` says so; nobody else has disks to lose.
    static let isAvailable = environment["STILLPOINT_LAB"] == "1" && getuid() == 0

    /// Empty disks for the taking.
    static let disks = (environment["STILLPOINT_LAB_DISKS"] ?? "").split(separator: " ").map(String.init)

    /// `/` is on a thin volume: `scripts/lab/lab --root thin`.
    static let rootIsThin =
        isAvailable
        && ((try? shell("findmnt --noheadings --output SOURCE /"))?.contains("labroot") ?? false)

    /// The kernel's release, such as `6.1.0-43-amd64`.
    static let kernel: String = {
        var name = utsname()
        uname(&name)
        return withUnsafeBytes(of: &name.release) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }()

    static let stillpoint = Built.stillpoint ?? ""
}
