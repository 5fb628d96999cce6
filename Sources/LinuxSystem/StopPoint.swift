import CLinux
import Glibc

/// Named steps at which a debug build can be stopped, for tests that kill it there.
///
/// `STILLPOINT_STOP_AT=guard.frozen` makes the process that reaches that step stop itself with SIGSTOP.
/// A release build contains none of this.
public enum StopPoint {
    #if DEBUG
        private static let wanted: [UInt8] =
            getenv("STILLPOINT_STOP_AT").map { value in
                Array(UnsafeBufferPointer(start: value, count: strlen(value))).map { UInt8(bitPattern: $0) }
            } ?? []
    #endif

    /// What a child has to inherit.
    static var environment: [String] {
        #if DEBUG
            wanted.isEmpty ? [] : ["STILLPOINT_STOP_AT=" + String(decoding: wanted, as: UTF8.self)]
        #else
            []
        #endif
    }

    /// Reads the environment now rather than in the window.
    public static func prepare() {
        #if DEBUG
            _ = wanted.count
        #endif
    }

    @inline(__always)
    public static func reach(_ step: StaticString) {
        #if DEBUG
            guard !wanted.isEmpty, wanted.count == step.utf8CodeUnitCount else { return }
            let matches = wanted.withUnsafeBufferPointer { buffer in
                buffer.baseAddress.map { memcmp($0, UnsafeRawPointer(step.utf8Start), step.utf8CodeUnitCount) } == 0
            }
            if matches { stop() }
        #endif
    }

    #if DEBUG
        nonisolated(unsafe) private static var hasStopped: UInt32 = 0

        /// Once in a process: several threads may come by, and whoever lets it go on means all of them.
        private static func stop() {
            if sp_atomic_exchange_if(&hasStopped, 0, 1) != 0 { kill(getpid(), SIGSTOP) }
        }
    #endif

    /// The same, for a step whose name is made while it runs. Not for the window.
    public static func reach(named step: String) {
        #if DEBUG
            if !wanted.isEmpty, Array(step.utf8) == wanted { stop() }
        #endif
    }
}
