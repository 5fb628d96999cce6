import Foundation
import Glibc

/// The programs of this build: they lie beside the test bundle.
public enum Built {
    /// `stillpoint`, which is also a worker of LVM's and a supervisor of hooks; `nil` when it is not there.
    public static let stillpoint: String? = {
        let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let argument = CommandLine.arguments.first { $0.hasSuffix(".xctest") }
        return [argument, own].compactMap(\.self)
            .map { URL(fileURLWithPath: $0).deletingLastPathComponent().path + "/stillpoint" }
            .first { access($0, X_OK) == 0 }
    }()
}
